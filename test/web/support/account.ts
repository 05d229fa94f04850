import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readSnapshot } from '../../../api/snapshot/read.js'
import type { Report, Result } from '../../../probe/report.schema.js'
import { type Bench, takeIn } from '../../support/api.js'

// An account with something wrong in it: one of three subnets has no route to the NAT gateway, and the database does not
// admit a second security group. Checks fail as the snapshot's own traces say, so that diagnoses are proven.

const DATA = join(process.cwd(), 'test/scenarios/data/S5d/snapshot')
const A = 'subnet-00000000000000a11'
const B = 'subnet-00000000000000b11'
const C = 'subnet-00000000000000c11'
const ADMITTED = 'sg-000000000000000f1'
const NOT_ADMITTED = 'sg-000000000000000f2'
const DATABASE = 'orders.c1x2y3z4.ap-northeast-2.rds.amazonaws.com:5432'
const INTERNET = 'https://api.example.com/health'

interface Standing {
  readonly functions: readonly string[]
  readonly subnets: readonly string[]
  readonly group: string
}

/** Who stands where: degraded, failing at the database, cut off from the internet, well. */
const STANDINGS: readonly Standing[] = [
  { functions: ['orders-api'], subnets: [A, B, C], group: ADMITTED },
  { functions: ['billing-worker', 'invoice-mailer'], subnets: [A, B], group: NOT_ADMITTED },
  { functions: ['report-export'], subnets: [C], group: ADMITTED },
  { functions: ['cart-api', 'stock-sync'], subnets: [A, B], group: ADMITTED },
]

/** One probe a subnet and group; it speaks for all who stand there. */
const PROBES = [A, B, C].flatMap((subnet) =>
  [ADMITTED, NOT_ADMITTED].map((group) => ({
    subnet,
    group,
    workloads: STANDINGS.filter((one) => one.group === group && one.subnets.includes(subnet)).flatMap(
      ({ functions }) => functions,
    ),
  })),
)
type Probe = (typeof PROBES)[number]

const CHECKS = ['orders-db', 'internet', 'no-admin'] as const

/** The account's snapshot as `POST /v1/snapshots` takes it. */
export async function accountFiles(): Promise<Record<string, unknown>> {
  const { snapshot } = await readSnapshot(DATA)
  const files = Object.fromEntries(snapshot.documents.map(({ file, body }) => [file, body]))
  const groups = JSON.parse(await readFile(join(DATA, 'describe-security-groups.json'), 'utf8'))
  const admitted = groups.SecurityGroups.find((one: { GroupId: string }) => one.GroupId === ADMITTED)
  groups.SecurityGroups.push({
    ...admitted,
    GroupId: NOT_ADMITTED,
    GroupName: 'billing',
    Tags: [{ Key: 'Name', Value: 'billing' }],
  })
  const interfaces = JSON.parse(await readFile(join(DATA, 'describe-network-interfaces.json'), 'utf8'))
  for (const one of interfaces.NetworkInterfaces.filter(
    ({ InterfaceType }: { InterfaceType: string }) => InterfaceType === 'lambda',
  )) {
    const address = one.PrivateIpAddress.replace(/\.31$/, '.32')
    interfaces.NetworkInterfaces.push({
      ...one,
      NetworkInterfaceId: one.NetworkInterfaceId.replace(/f(.)$/, '2$1'),
      PrivateIpAddress: address,
      PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: address }],
      Groups: [{ GroupId: NOT_ADMITTED, GroupName: 'billing' }],
    })
  }
  const listed = JSON.parse(await readFile(join(DATA, 'list-functions.json'), 'utf8'))
  const [model] = listed.Functions
  const functions = STANDINGS.flatMap(({ functions, subnets, group }) =>
    functions.map((name) => ({
      ...model,
      FunctionName: name,
      FunctionArn: model.FunctionArn.replace('orders-api', name),
      VpcConfig: { ...model.VpcConfig, SubnetIds: subnets, SecurityGroupIds: [group] },
    })),
  )
  return {
    ...files,
    'describe-security-groups.json': groups,
    'describe-network-interfaces.json': interfaces,
    'list-functions.json': { Functions: functions },
    'snapshot.json': {
      version: 1,
      takenAt: snapshot.takenAt,
      regions: [],
      accounts: [],
      missing: snapshot.missing,
    },
  }
}

/** What is as expected although the snapshot says otherwise: nothing, one check, or all; `refused`: all but the database, which says no. */
type Healed = boolean | 'internet' | 'refused'

/** Runs of every probe, one a minute, the last of them now. */
export async function runProbes(bench: Bench, runs: number, healed: Healed = false): Promise<void> {
  for (let run = runs - 1; run >= 0; run -= 1) {
    const at = new Date(bench.now().getTime() - run * 60_000)
    const posted = PROBES.filter(({ workloads }) => workloads.length > 0)
    await takeIn(bench, ...posted.map((probe) => reportOf(probe, at, healed)))
  }
}

function reportOf({ subnet, group, workloads }: Probe, at: Date, healed: Healed): Report {
  const name = `sonde-${subnet.slice(-3)}-${group.slice(-2)}`
  return {
    sonde: 1,
    run: `${name} ${at.getTime()}`,
    part: [1, 1],
    probe: {
      function: name,
      version: '0.1.0',
      region: 'ap-northeast-2',
      account: '111122223333',
      subnet,
      securityGroups: [group],
      coldStart: false,
      memoryMb: 128,
      runtime: 'nodejs22.x',
      workloads,
      intervalMs: 60_000,
    },
    startedAt: at.toISOString(),
    durationMs: 40,
    results: CHECKS.map((check) => resultOf(check, group, subnet, at, healed)),
  }
}

function resultOf(
  check: (typeof CHECKS)[number],
  group: string,
  subnet: string,
  at: Date,
  healed: Healed,
): Result {
  // Moves a little from run to run, as latencies do.
  const wave = 1 + 0.4 * Math.sin(at.getTime() / 260_000 + subnet.charCodeAt(subnet.length - 3))
  const base = { check, expect: 'reachable' as const, attempts: [], asExpected: true, outcome: 'ok' }
  if (check === 'no-admin') {
    return {
      ...base,
      kind: 'tcp',
      target: '10.0.21.50:22',
      expect: 'unreachable',
      outcome: 'connect_timeout',
      endedIn: 'connect',
      ms: 3000,
      phases: { connect: 3000 },
      address: '10.0.21.50',
      addressKind: 'private',
      attempts: [{ outcome: 'connect_timeout', ms: 3000 }],
    }
  }
  const database = check === 'orders-db'
  const blocked =
    healed !== true &&
    healed !== 'refused' &&
    healed !== check &&
    (database ? group === NOT_ADMITTED : subnet === C)
  const place = database
    ? { kind: 'postgres', target: DATABASE, address: '10.0.21.20', addressKind: 'private' as const }
    : { kind: 'http', target: INTERNET, address: '198.51.100.80', addressKind: 'public' as const }
  if (blocked) {
    return {
      ...base,
      ...place,
      outcome: 'connect_timeout',
      asExpected: false,
      endedIn: 'connect',
      ms: 3002,
      phases: { dns: 1.6 * wave, connect: 3000 },
      attempts: [{ outcome: 'connect_timeout', ms: 3002 }],
    }
  }
  if (database && healed === 'refused') {
    return {
      ...base,
      ...place,
      outcome: 'connect_refused',
      asExpected: false,
      endedIn: 'connect',
      ms: 2,
      phases: { dns: 1, connect: 1 },
      attempts: [{ outcome: 'connect_refused', ms: 2 }],
    }
  }
  const phases = database
    ? { dns: 1.4 * wave, connect: 2.1 * wave, exchange: 4.2 * wave }
    : { dns: 3.1 * wave, connect: 12 * wave, tls: 24 * wave, exchange: 31 * wave }
  const ms = Object.values(phases).reduce((sum, one) => sum + one, 0)
  return { ...base, ...place, ms, phases, attempts: [{ outcome: 'ok', ms }] }
}
