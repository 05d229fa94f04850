import { isIPv6 } from 'node:net'
import { awsEndpoint } from '../../../probe/checks/aws-endpoints.js'
import type { Check, Plan } from '../../../probe/plan.schema.js'

/**
 * The allow-list (`SONDE_ALLOW`) that fits a plan: what it contacts, and nothing else, so that who may invoke a probe can't scan
 * with it. A port is named where the check names one.
 *
 * @param region the probe's region, for checks of AWS services that name none
 */
export function allowOf(plan: Plan, region: string): readonly string[] {
  return [...new Set(plan.checks.map((check) => targetOf(check, region)))].sort()
}

/** Names of the checks that go on to wherever a redirect points, which no plan tells. */
export function redirected(plan: Plan): readonly string[] {
  return plan.checks
    .filter((check) => check.kind === 'http' && (check.followRedirects ?? 0) > 0)
    .map(({ name }) => name)
}

function targetOf(check: Check, region: string): string {
  switch (check.kind) {
    case 'http': {
      const url = new URL(check.url)
      const host = url.hostname.replace(/^\[|\]$/g, '')
      return hostPort(host, url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port))
    }
    case 'aws': {
      const { host, port } = awsEndpoint(check, { AWS_REGION: region })
      return hostPort(host, port)
    }
    case 'dns':
      return hostPort(check.host, undefined)
    default:
      return hostPort(check.host, check.port)
  }
}

function hostPort(host: string, port: number | undefined): string {
  const name = isIPv6(host) && port !== undefined ? `[${host}]` : host
  return port === undefined ? name : `${name}:${port}`
}
