import type { ProbeIdentity, Result } from '../../probe/report.schema.js'
import { parseFunctionArn } from '../arn.js'
import { parseAddress } from '../network/address.js'
import type { Destination, Source } from '../network/selectors.js'
import { SelectorError } from '../network/selectors.js'
import type { Snapshot } from '../network/snapshot.js'
import { functionName } from './apply/functions.js'
import { hostOf } from './observed.js'
import { all, lambdasNamed, PLACES, type Raw, record, strings, text } from './raw.js'
import type { Question } from './rehearse.js'

/** What a probe's result asks of the configuration. */
export interface ResultQuestion {
  /** From where the packet really started: the probe's subnet and groups. */
  readonly question: Question
  /** The same from the function, whose own configuration a fix may change; null where the snapshot has none that fits. */
  readonly asFunction: Question | null
  /** The functions that stand where the probe stands. */
  readonly functions: readonly string[]
}

const USUAL_PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 }

const KIND_PORTS: Readonly<Record<string, number>> = {
  postgres: 5432,
  mysql: 3306,
  redis: 6379,
  mssql: 1433,
  tls: 443,
  https: 443,
  http: 80,
  aws: 443,
  dns: 443,
}

function portOf(result: Pick<Result, 'kind' | 'target'>): number | null {
  const scheme = /^([a-z]+:)\/\//i.exec(result.target)?.[1]?.toLowerCase() ?? ''
  const authority = result.target.replace(/^[a-z]+:\/\//i, '').replace(/[/?#].*$/, '')
  const [, port] = /:(\d{1,5})$/.exec(authority) ?? []
  const bare = parseAddress(authority) !== null
  return port !== undefined && !bare ? Number(port) : (USUAL_PORTS[scheme] ?? KIND_PORTS[result.kind] ?? null)
}

const REGIONAL_HOST = /^([a-z0-9.-]+?)\.([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?$/

/** Names that the snapshot itself gives an address: databases, proxies, endpoints, load balancers. */
function isKnownHost(snapshot: Snapshot, host: string): boolean {
  const wanted = host.toLowerCase()
  return (
    all(snapshot, PLACES.dbInstance).some(
      (one) => text(record(one, 'Endpoint'), 'Address').toLowerCase() === wanted,
    ) ||
    all(snapshot, PLACES.dbProxy).some((one) => text(one, 'Endpoint').toLowerCase() === wanted) ||
    /\.(rds|elb|vpce)\.amazonaws\.com(\.cn)?$|\.compute\.internal$/.test(wanted)
  )
}

/**
 * Where a result's packet was sent. A name that the configuration can't resolve is followed to the address that
 * answered; without one, a name outside AWS is the internet.
 */
export function destinationOf(
  snapshot: Snapshot,
  result: Pick<Result, 'kind' | 'target' | 'address' | 'detail'> & Partial<Pick<Result, 'outcome'>>,
): Destination {
  const host = hostOf(result.target)
  if (parseAddress(host) !== null) return { kind: 'address', address: host }
  const [, service, region] = REGIONAL_HOST.exec(host) ?? []
  const named = result.detail?.awsService
  if (service !== undefined && region !== undefined && (named === service || result.kind === 'aws')) {
    return { kind: 'service', service, region }
  }
  if (isKnownHost(snapshot, host) || /\.amazonaws\.com(\.cn)?$/.test(host)) return { kind: 'host', host }
  if (result.address !== null && parseAddress(result.address) !== null) {
    return { kind: 'address', address: result.address }
  }
  // What did not resolve is asked for by its name: its way begins at the resolver.
  if (result.outcome?.startsWith('dns_') === true) return { kind: 'host', host }
  return /\.(internal|local|lan)$/.test(host) ? { kind: 'host', host } : { kind: 'internet' }
}

function samePosture(fn: Raw, subnet: string, groups: readonly string[]): boolean {
  const config = record(fn, 'VpcConfig')
  const own = [...strings(config, 'SecurityGroupIds')].sort().join()
  return strings(config, 'SubnetIds').includes(subnet) && own === [...groups].sort().join()
}

/** Whether a function lives in the probe's region and account, as far as the probe tells them. */
function livesWith({ region, account }: ProbeIdentity, arn: string): boolean {
  const home = parseFunctionArn(arn)
  return (
    home !== null &&
    (region === null || home.region === region) &&
    (account === null || home.account === account)
  )
}

/** Functions of the snapshot that stand where the probe stands: those it names, else those of its posture. */
function functionsOf(snapshot: Snapshot, probe: ProbeIdentity): readonly string[] {
  const listed = all(snapshot, PLACES.lambda)
  const names = new Set(listed.map((fn) => text(fn, 'FunctionName')))
  const told = (probe.workloads ?? []).map(functionName).filter((name) => names.has(name))
  if (told.length > 0) return told
  const { subnet } = probe
  const shared =
    subnet === null
      ? []
      : listed
          .filter((fn) => samePosture(fn, subnet, probe.securityGroups))
          .map((fn) => text(fn, 'FunctionName'))
  if (shared.length > 0) return shared.sort()
  return names.has(functionName(probe.function)) ? [functionName(probe.function)] : []
}

/**
 * The question that a result answers with packets, put to the configuration.
 * @returns null for a name that was resolved: it has no path to trace. One that was not is traced to what explains it
 * @throws {SelectorError} where the probe tells neither its subnet and groups nor a function of the snapshot
 */
export function questionOfResult(
  snapshot: Snapshot,
  probe: ProbeIdentity,
  result: Result,
): ResultQuestion | null {
  if (result.kind === 'dns' && !result.outcome.startsWith('dns_')) return null
  const functions = functionsOf(snapshot, probe)
  const [name] = functions
  const namesakes = name === undefined ? [] : lambdasNamed(snapshot, name)
  const placed = probe.subnet !== null && probe.securityGroups.length > 0
  const posture: Source | null =
    placed && probe.subnet !== null
      ? { kind: 'posture', subnetId: probe.subnet, groupIds: probe.securityGroups }
      : null
  const own = namesakes.map((one) => text(one, 'FunctionArn')).find((arn) => livesWith(probe, arn))
  const asFunction: Source | null =
    name === undefined ? null : { kind: 'function', name: namesakes.length > 1 ? (own ?? name) : name }
  const source = posture ?? asFunction
  if (source === null) {
    throw new SelectorError(
      `probe ${probe.function} tells no subnet and security groups (SONDE_SUBNET, SONDE_SECURITY_GROUPS), and the snapshot has no function of that name`,
    )
  }
  const destination: Destination =
    result.kind === 'dns' ? { kind: 'host', host: hostOf(result.target) } : destinationOf(snapshot, result)
  const flow = { protocol: 'tcp', port: portOf(result) }
  return {
    question: { source, destination, flow },
    asFunction:
      asFunction === null || source === asFunction ? null : { source: asFunction, destination, flow },
    functions,
  }
}
