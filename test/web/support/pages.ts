import type { Test } from 'tap'
import { resolveConfig } from '../../../api/config.js'
import { settingsOf } from '../../../api/settings.js'
import { ndjson } from '../../support/api.js'
import { type Site, startAccount } from './site.js'

export const settings = settingsOf(resolveConfig({}, null), 'open')

/** Every page: its address, what it can't do without, a part that is there once it has that, and what it says with nothing to show. */
export const PAGES = [
  {
    name: 'overview',
    path: '/',
    api: /\/v1\/matrix/,
    part: '[data-row]',
    empty: 'No function has reported yet',
  },
  {
    name: 'function',
    path: '/functions/billing-worker',
    api: /\/v1\/functions\/billing-worker$/,
    part: '.function-facts',
    empty: 'There is no such function',
  },
  {
    name: 'map',
    path: '/map',
    api: /\/v1\/network$/,
    part: '.map-node',
    empty: 'No configuration to draw yet',
  },
  {
    name: 'trace',
    path: '/trace?from=billing-worker&to=internet',
    api: /\/v1\/trace$/,
    part: '.trace-verdict',
    empty: 'No configuration is known yet',
  },
  { name: 'incidents', path: '/incidents', api: /\/v1\/incidents/, part: 'tbody tr', empty: 'No incident' },
  {
    name: 'rejects',
    path: '/rejects',
    api: /\/v1\/rejects/,
    part: 'tbody tr',
    empty: 'Nothing was rejected',
  },
  {
    name: 'settings',
    path: '/settings',
    api: /\/v1\/settings$/,
    part: '.settings',
    empty: 'Started without a configuration file.',
  },
] as const

/** An account in which every page has something to show. */
export async function startFull(
  t: Pick<Test, 'teardown'>,
  options: Parameters<typeof startAccount>[1] = {},
): Promise<Site> {
  const site = await startAccount(t, { settings, ...options }, 3)
  await site.bench.app.inject({
    method: 'POST',
    url: '/v1/reports',
    headers: { 'content-type': 'application/x-ndjson' },
    payload: ndjson('{"sonde":1,'),
  })
  return site
}
