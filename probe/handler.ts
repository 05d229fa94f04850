import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createAssets } from './assets.js'
import type { LambdaContext } from './identity.js'
import { invoke, type ProbeHost } from './invoke.js'
import { stdoutPrinter } from './print.js'
import type { ProbeAnswer } from './report.schema.js'

export type ProbeHandler = (event: unknown, context?: LambdaContext) => Promise<ProbeAnswer>

/**
 * Makes a Lambda handler. Only what the deployment decides outlives an invocation: whether there was one before (for
 * `coldStart`), the texts of assets, and the TLS contexts made of them.
 */
export function createHandler(host: Partial<ProbeHost> = {}): ProbeHandler {
  const env = host.env ?? process.env
  const whole: ProbeHost = {
    env,
    assets: host.assets ?? createAssets(assetFolders(env)),
    printer: host.printer ?? stdoutPrinter(),
    secureContexts: host.secureContexts ?? new Map(),
  }
  let coldStart = true
  return (event, context) => {
    const first = coldStart
    coldStart = false
    return invoke(event, context, first, whole)
  }
}

/** The probe's Lambda entry: `{plan?}`, `{sonde: {plan?}}`, an EventBridge event, or anything else to run the configured plan. */
export const handler: ProbeHandler = createHandler()

/** Beside the bundle; in a checkout, and for the `sonde` command, where the build puts the assets. */
export function assetFolders(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const here = dirname(fileURLToPath(import.meta.url))
  const named = env['SONDE_ASSETS']
  return [
    ...(named ? [named] : []),
    here,
    `${here}/probe`,
    `${dirname(here)}/probe`,
    `${dirname(here)}/dist/probe`,
  ]
}
