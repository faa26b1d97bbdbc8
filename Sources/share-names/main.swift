import Glibc
import NamesWorker

exit(NamesProgram.run(Array(CommandLine.arguments.dropFirst())))
