import Commands
import Glibc

exit(Program.standard().run(Array(CommandLine.arguments.dropFirst())))
