import type { ProbeIdentity } from './report.schema.js'
import { VERSION } from './version.js'

type Env = Readonly<Record<string, string | undefined>>

/** What a probe uses of Lambda's context object. */
export interface LambdaContext {
  readonly invokedFunctionArn?: string
  readonly getRemainingTimeInMillis?: () => number
}

/**
 * Who reports. Lambda's reserved variables name the function, its region and size; what a function can't learn about
 * itself without the network (its subnet, its groups, whose posture it shares, how often it is called) is told by the
 * deployment in `SONDE_SUBNET`, `SONDE_SECURITY_GROUPS`, `SONDE_WORKLOADS` and `SONDE_INTERVAL_MS`. `SONDE_FUNCTION`
 * names a probe that runs elsewhere.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
export function identify(env: Env, coldStart: boolean, context?: LambdaContext): ProbeIdentity {
  const [, , , arnRegion, arnAccount] = context?.invokedFunctionArn?.split(':') ?? []
  const workloads = list(env['SONDE_WORKLOADS'])
  const intervalMs = Number(env['SONDE_INTERVAL_MS'])
  const memory = Number(env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'])
  return {
    function: text(env['AWS_LAMBDA_FUNCTION_NAME']) ?? text(env['SONDE_FUNCTION']) ?? 'local',
    version: VERSION,
    region: text(env['AWS_REGION']) ?? text(env['AWS_DEFAULT_REGION']) ?? text(arnRegion) ?? null,
    account: text(env['SONDE_ACCOUNT']) ?? text(arnAccount) ?? null,
    subnet: text(env['SONDE_SUBNET']) ?? null,
    securityGroups: list(env['SONDE_SECURITY_GROUPS']),
    coldStart,
    memoryMb: Number.isFinite(memory) && memory > 0 ? memory : null,
    runtime: text(env['AWS_EXECUTION_ENV'])?.replace(/^AWS_Lambda_/, '') ?? `node${process.versions.node}`,
    ...(workloads.length > 0 ? { workloads } : {}),
    ...(Number.isInteger(intervalMs) && intervalMs >= 1000 ? { intervalMs } : {}),
  }
}

function list(value: string | undefined): string[] {
  return (value ?? '').split(/[\s,]+/).filter((entry) => entry !== '')
}

function text(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim()
}
