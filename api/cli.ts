import { processIo } from './cli/io.js'
import { runProgram } from './program.js'

/** The `sonde` command: the process' entry. */
await runProgram(processIo(), process.argv.slice(2))
