import type { Account, Eni } from './account.js'
import type { Service } from './agent.js'
import { balancerService, balancersOf, balancerTargets } from './balancers.js'
import { type Raw, records, strings, text } from './documents.js'
import { LINK_LOCAL_RESOLVER, resolverOf } from './groups.js'
import { INTERNET, LAMBDA, type Layout, namespaceOf, routerOf, servicesOf } from './layout.js'
import { databaseNames, type Names, namesIn, serviceRanges } from './names.js'
import type { Identity } from './servers/web.js'
import { functionsOutside } from './standpoints.js'

/**
 * How a host behaves that no snapshot tells of: by the interface's id, `internet`, or `aws` for the services, which know no caller
 * unless they `grant` every call.
 */
export type Behaviour = 'refuse' | 'untrusted' | 'expired' | 'force-tls' | 'cut-tls' | 'grant'
export type Hosts = Readonly<Record<string, Behaviour>>

const AWS = 'aws'

export interface Identities {
  readonly trusted: Identity
  readonly untrusted: Identity
  readonly expired: Identity
}

/** Kinds of targets: the public side (hosts and services), endpoints' interfaces, databases, load balancers, other hosts. */
export type TargetKind = 'public' | 'endpoint' | 'database' | 'balancer' | 'host'
export const EVERY_TARGET: readonly TargetKind[] = ['public', 'endpoint', 'database', 'balancer', 'host']

/** What is served where: databases, AWS services, the internet and the VPCs' resolvers, by namespace. */
export function servicesFor(
  layout: Layout,
  identities: Identities,
  hosts: Hosts,
  targets: readonly TargetKind[],
): ReadonlyMap<string, readonly Service[]> {
  const { account } = layout
  const all = new Map<string, Service[]>()
  const serve = (name: string, service: Service) => all.set(name, [...(all.get(name) ?? []), service])
  const internet = hosts[INTERNET]
  const grants = hosts[AWS] === 'grant'
  const web = (identity: Identity, denial: string | null): Service => ({
    kind: 'web',
    identity,
    denial,
    grants,
  })
  if (targets.includes('public')) {
    serve(
      INTERNET,
      internet === 'cut-tls' ? { kind: 'cut', port: 443 } : web(identityFor(internet, identities), null),
    )
  }
  for (const vpc of account.vpcs) {
    const services = servicesOf(layout, vpc.id)
    if (targets.includes('public') && layout.namespaces.has(services))
      serve(services, web(identities.trusted, gatewayDenial(account, vpc.id)))
    if (vpc.dnsSupport)
      serve(
        routerOf(layout, vpc.id),
        dns(account, namesIn(account, vpc), [resolverOf(vpc), LINK_LOCAL_RESOLVER]),
      )
  }
  if (functionsOutside(account).length > 0)
    serve(LAMBDA, dns(account, namesIn(account, null), [LINK_LOCAL_RESOLVER]))
  for (const eni of account.enis) {
    const endpoint = endpointOf(account, eni)
    if (endpoint !== undefined && targets.includes('endpoint'))
      serve(namespaceOf(eni), web(identities.trusted, denialOf(endpoint)))
    else if (targets.includes('host') && eni.description === '' && hosts[eni.id] !== 'refuse')
      serve(namespaceOf(eni), { kind: 'accept', port: 22 })
  }
  if (targets.includes('balancer')) serveBalancers(account, identities, hosts, serve)
  if (targets.includes('database')) serveDatabases(account, identities, hosts, serve)
  return all
}

function serveBalancers(
  account: Account,
  identities: Identities,
  hosts: Hosts,
  serve: (name: string, service: Service) => void,
): void {
  for (const balancer of balancersOf(account)) {
    for (const eni of balancer.enis) {
      const service = balancerService(account, balancer, eni, identities.trusted)
      if (service !== null) serve(namespaceOf(eni), service)
    }
  }
  for (const { eni, port } of balancerTargets(account))
    if (hosts[eni.id] !== 'refuse') serve(namespaceOf(eni), { kind: 'balanced', port })
}

function serveDatabases(
  account: Account,
  identities: Identities,
  hosts: Hosts,
  serve: (name: string, service: Service) => void,
): void {
  const databases = databaseNames(account)
  const served = new Set<string>()
  for (const { enis, port, engine, behind } of databases) {
    for (const eni of enis) {
      const behaviour = hosts[eni.id]
      if (served.has(eni.id) || behaviour === 'refuse') continue
      served.add(eni.id)
      if (!/postgres/i.test(engine)) {
        serve(namespaceOf(eni), { kind: 'accept', port })
        continue
      }
      const targets = databases
        .filter(({ name }) => behind?.includes(name))
        .flatMap((one) => one.enis.map((target) => ({ address: target.addresses[0] ?? '', port: one.port })))
      serve(namespaceOf(eni), {
        kind: 'postgres',
        port,
        identity: identityFor(behaviour, identities),
        forceTls: behaviour === 'force-tls',
        behind: targets,
      })
    }
  }
}

function identityFor(behaviour: Behaviour | undefined, identities: Identities): Identity {
  if (behaviour === 'untrusted') return identities.untrusted
  return behaviour === 'expired' ? identities.expired : identities.trusted
}

function dns(account: Account, names: Names, addresses: readonly string[]): Service {
  return {
    kind: 'dns',
    addresses: [...new Set(addresses)],
    names: Object.fromEntries(names),
    services: Object.fromEntries(serviceRanges(account)),
  }
}

function endpointOf(account: Account, eni: Eni): Raw | undefined {
  return account.endpoints.find((one) => strings(one, 'NetworkInterfaceIds').includes(eni.id))
}

/** A VPC may have several gateway endpoints; the lab answers for all of them at once, with the first denial. */
function gatewayDenial(account: Account, vpcId: string): string | null {
  const own = account.endpoints.filter(
    (one) => text(one, 'VpcEndpointType') === 'Gateway' && text(one, 'VpcId') === vpcId,
  )
  return own.map(denialOf).find((denial) => denial !== null) ?? null
}

/**
 * What an endpoint policy says to a stranger's call, in the words of
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html; null where it lets everything through.
 */
function denialOf(endpoint: Raw): string | null {
  const document: unknown = parse(text(endpoint, 'PolicyDocument'))
  if (typeof document !== 'object' || document === null) return null
  const statements = records({ ...document }, 'Statement')
  if (statements.some((one) => text(one, 'Effect') === 'Deny' && one['Condition'] === undefined))
    return 'with an explicit deny in a VPC endpoint policy'
  const allows = statements.some((one) => text(one, 'Effect') === 'Allow')
  return allows ? null : 'because no VPC endpoint policy allows the ACTION action'
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
