import type { Result } from '../../probe/report.schema.js'
import type { Account } from './account.js'
import { balancersOf, type LabBalancer, listenersAt } from './balancers.js'
import { listed, text } from './documents.js'
import { databaseNames } from './names.js'
import { addressOf, LabInputError, type Standpoint } from './standpoints.js'
import type { ProbeReport } from './world.js'

/** One thing to try in the lab, in the words of `sonde trace`: from, to and port. */
export interface LabFlow {
  readonly from: string
  readonly to: string
  readonly port: number | null
  readonly expect?: 'reachable' | 'unreachable'
  /** Options of the check that the target needs: `{"tls": "off"}`. */
  readonly options?: Readonly<Record<string, unknown>>
}

/** The host that stands for the internet; it answers with the caller's address. */
const INTERNET_HOST = 'api.example.com'

/**
 * The probe's check for a flow: of the kind that the target speaks.
 * @throws {LabInputError} where the target is none of the snapshot's
 */
export function checkFor(account: Account, flow: LabFlow): Readonly<Record<string, unknown>> {
  const base = {
    name: `${flow.from} → ${flow.to}${flow.port === null ? '' : ` ${flow.port}`}`,
    ...(flow.expect === undefined ? {} : { expect: flow.expect }),
  }
  return { ...base, ...kindFor(account, flow), ...flow.options }
}

function kindFor(account: Account, { to, port }: LabFlow): Readonly<Record<string, unknown>> {
  if (to === 'internet')
    return {
      kind: 'http',
      url: `https://${INTERNET_HOST}${port === 443 || port === null ? '' : `:${port}`}/`,
      egressIp: ['0.0.0.0/0'],
    }
  if (to.startsWith('service:')) {
    const service = to.slice('service:'.length)
    return { kind: 'aws', service, ...(hasEndpoint(account, service) ? { via: 'endpoint' } : {}) }
  }
  if (to.startsWith('rds:')) return databaseCheck(account, rdsName(account, to.slice('rds:'.length)), port)
  const known = addressOf(account, to)
  if (known !== null) return { kind: 'tcp', host: known, port: port ?? 443 }
  const [host, named] = hostAndPort(to)
  const asked = named ?? port ?? 443
  if (databaseNames(account).some((one) => one.name === host)) return databaseCheck(account, host, asked)
  const balancer = balancersOf(account).find(({ dnsName }) => dnsName === host)
  if (balancer !== undefined) return balancerCheck(account, balancer, asked)
  if (host.endsWith('.amazonaws.com') && asked === 443)
    return { kind: 'aws', service: host.split('.')[0], endpoint: host, region: account.region }
  if (asked === 443) return { kind: 'http', url: `https://${host.includes(':') ? `[${host}]` : host}/` }
  return { kind: 'tcp', host, port: asked }
}

/** A request where a listener takes requests; else a connection. */
function balancerCheck(
  account: Account,
  balancer: LabBalancer,
  port: number,
): Readonly<Record<string, unknown>> {
  const { protocol } = listenersAt(account, balancer, null).find((one) => one.port === port) ?? {}
  if (protocol !== 'HTTP' && protocol !== 'HTTPS') return { kind: 'tcp', host: balancer.dnsName, port }
  const scheme = protocol.toLowerCase()
  const usual = port === (scheme === 'https' ? 443 : 80)
  return { kind: 'http', url: `${scheme}://${balancer.dnsName}${usual ? '' : `:${port}`}/` }
}

function databaseCheck(
  account: Account,
  host: string,
  port: number | null,
): Readonly<Record<string, unknown>> {
  const database = databaseNames(account).find((one) => one.name === host)
  const kind = /postgres/i.test(database?.engine ?? '') ? 'postgres' : 'tcp'
  return { kind, host, port: port ?? database?.port ?? 5432 }
}

function rdsName(account: Account, id: string): string {
  const instance = listed(account.documents, 'describe-db-instances', 'DBInstances').find(
    (one) => text(one, 'DBInstanceIdentifier') === id,
  )
  const cluster = listed(account.documents, 'describe-db-clusters', 'DBClusters').find(
    (one) => text(one, 'DBClusterIdentifier') === id,
  )
  const endpoint = instance?.['Endpoint']
  const name =
    typeof endpoint === 'object' && endpoint !== null && 'Address' in endpoint
      ? endpoint.Address
      : text(cluster, 'Endpoint')
  if (typeof name !== 'string' || name === '') throw new LabInputError(`the snapshot has no database ${id}`)
  return name
}

function hasEndpoint(account: Account, service: string): boolean {
  return account.endpoints.some(
    (one) =>
      text(one, 'VpcEndpointType') === 'Interface' &&
      text(one, 'ServiceName').endsWith(`.${account.region}.${service}`),
  )
}

function hostAndPort(to: string): readonly [string, number | null] {
  const match = /^\[(.+)\]:(\d+)$/.exec(to) ?? /^([^:]+):(\d+)$/.exec(to)
  return match?.[1] === undefined ? [to.replace(/^\[|\]$/g, ''), null] : [match[1], Number(match[2])]
}

/** The environment in which Lambda would run the probe there. */
export function probeEnvironment(
  account: Account,
  from: string,
  at: Standpoint,
): Readonly<Record<string, string>> {
  return {
    AWS_REGION: account.region,
    AWS_LAMBDA_FUNCTION_NAME: `sonde-${at.subnetId ?? from}`,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    // Keys that sign like any others; the lab's services know nobody.
    AWS_ACCESS_KEY_ID: 'AKIALABLABLABLABLAB0',
    AWS_SECRET_ACCESS_KEY: 'lab',
    SONDE_DNS_SERVERS: at.nameServers.join(','),
    ...(at.subnetId === null
      ? {}
      : { SONDE_SUBNET: at.subnetId, SONDE_SECURITY_GROUPS: at.groups.join(',') }),
  }
}

/**
 * The results in a probe's stdout.
 * @throws {Error} with what the probe said, where it printed no report
 */
export function resultsOf(report: ProbeReport): readonly Result[] {
  const lines = report.stdout.split('\n').filter((line) => line.startsWith('{"sonde"'))
  const results = lines.flatMap((line) => {
    const parsed: { results?: readonly Result[] } = JSON.parse(line)
    return parsed.results ?? []
  })
  if (results.length === 0) throw new Error(`the probe reported nothing: ${report.stderr || report.stdout}`)
  return results
}
