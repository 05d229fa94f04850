import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { until } from '../../support/api.js'
import { type Sonde, type SondeOptions, sonde } from '../../support/built.js'

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown> & { readonly items?: readonly Record<string, unknown>[] }
}

export interface Server extends Sonde {
  /** `http://127.0.0.1:PORT`, without a slash; empty where the server did not come up. */
  readonly url: string
  readonly ask: (method: string, path: string, body?: unknown) => Promise<Answer>
  /** Functions by name, each with its status. */
  readonly statuses: () => Promise<Readonly<Record<string, unknown>>>
}

/** `sonde serve` with the sample, on a data folder of its own. */
export async function serveSample(t: Test, mode: string, options: SondeOptions = {}): Promise<Server> {
  const data = await mkdtemp(join(tmpdir(), 'sonde-sample-'))
  t.teardown(() => rm(data, { recursive: true, force: true }))
  const served = sonde(t, ['serve', '--port', '0', '--sample', mode, '--data', data], options)
  const found = () => /"url":"([^"]+)"/.exec(served.output())?.[1]
  await until(() => found() !== undefined || served.child.exitCode !== null)
  const url = found() ?? ''
  const ask: Server['ask'] = async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    return { status: response.status, body: JSON.parse(await response.text()) }
  }
  return {
    ...served,
    url,
    ask,
    statuses: async () => {
      const { items = [] } = (await ask('GET', '/v1/functions')).body
      return Object.fromEntries(items.map(({ name, status }) => [String(name), status]))
    },
  }
}
