import Glibc
import Worker

exit(WorkerProgram.run(Array(CommandLine.arguments.dropFirst())))
