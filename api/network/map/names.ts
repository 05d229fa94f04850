import type { Snapshot } from '../snapshot.js'

const OWN_ID =
  /^(?:Vpc|Subnet|NatGateway|InternetGateway|EgressOnlyInternetGateway|VpcEndpoint|VpcPeeringConnection|TransitGateway|RouteTable|NetworkAcl|Group|VpnGateway)Id$/

/** What people call things, by id: the value of the `Name` tag, else the name of a security group or prefix list. */
export function nameTags(snapshot: Snapshot): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const { call, body } of snapshot.documents) {
    if (!call.startsWith('describe-') || !isRecord(body)) continue
    for (const list of Object.values(body)) {
      if (!Array.isArray(list)) continue
      for (const item of list) if (isRecord(item)) addName(names, call, item)
    }
  }
  return names
}

/** An answer's object names other things too (a subnet its VPC): its own id is the one that its call is about. */
function addName(names: Map<string, string>, call: string, item: Readonly<Record<string, unknown>>): void {
  const tags: readonly unknown[] = Array.isArray(item['Tags']) ? item['Tags'] : []
  const tag = tags.find((one) => isRecord(one) && one['Key'] === 'Name')
  const value = isRecord(tag) ? tag['Value'] : null
  if (typeof value !== 'string' || value === '') {
    addOwnName(names, item)
    return
  }
  const wanted = call.slice('describe-'.length).replaceAll('-', '').replace(/s$/, '')
  for (const [field, id] of Object.entries(item)) {
    const about = field.slice(0, -'Id'.length).toLowerCase()
    if (OWN_ID.test(field) && typeof id === 'string' && wanted.endsWith(about)) names.set(id, value)
  }
}

function addOwnName(names: Map<string, string>, item: Readonly<Record<string, unknown>>): void {
  for (const [field, own] of [
    ['GroupId', 'GroupName'],
    ['PrefixListId', 'PrefixListName'],
  ] as const) {
    const [id, name] = [item[field], item[own]]
    if (typeof id === 'string' && typeof name === 'string' && name !== '') names.set(id, name)
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
