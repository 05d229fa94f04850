import type { Report, Result } from '../probe/report.schema.js'
import type { FunctionHealth } from './health/health.js'

/** Has the probes of a function run now, and waits for what they saw. */
export interface Runner {
  /**
   * One entry a probe of the function's posture, in the order of their names; none where no probe is known. A probe that could
   * not be run is told in its own entry's `error`, so that it hides no other's results.
   * @throws only where nothing could be tried at all.
   */
  run(health: FunctionHealth): Promise<readonly ProbeRun[]>
}

/** What one probe saw when it was asked. */
export interface ProbeRun {
  /** The probe's own name: its Lambda function. */
  readonly probe: string
  readonly subnet: string | null
  /** Id of the run, by which its reports are known; null where the probe did not run. */
  readonly run: string | null
  /** Milliseconds from asking to the answer. */
  readonly ms: number
  readonly results: readonly Result[]
  /** One sentence that says why there are no results, or that some are missing; null where all is well. */
  readonly error: string | null
  /**
   * The reports behind the results, where this is the way by which they come in. The log brings the same reports once more,
   * and they count once. A runner whose reports are taken in otherwise leaves them out.
   */
  readonly reports?: readonly Report[]
}

/** Runs that may be asked for in a minute. Each costs invocations, and traffic to everything that the plan names. */
export interface RunLimits {
  readonly perFunctionPerMinute: number
  readonly perMinute: number
}

export const DEFAULT_RUN_LIMITS: RunLimits = { perFunctionPerMinute: 6, perMinute: 60 }
