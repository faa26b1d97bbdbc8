import Glibc
import NamesView

exit(NamesViewProgram.run(Array(CommandLine.arguments.dropFirst())))
