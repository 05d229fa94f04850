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
  readonly checks: readonly ('orders-db' | 'internet' | 'no-admin')[]
}

/** Who stands where. The first is degraded, the second fails to reach the database, the third is cut off, the last is well. */
export const STANDINGS: readonly Standing[] = [
  {
    functions: ['orders-api'],
    subnets: [A, B, C],
    group: ADMITTED,
    checks: ['orders-db', 'internet', 'no-admin'],
  },
  {
    functions: ['billing-worker', 'invoice-mailer'],
    subnets: [A, B],
    group: NOT_ADMITTED,
    checks: ['orders-db', 'internet'],
  },
  { functions: ['report-export'], subnets: [C], group: ADMITTED, checks: ['orders-db', 'internet'] },
  {
    functions: ['cart-api', 'stock-sync'],
    subnets: [A, B],
    group: ADMITTED,
    checks: ['orders-db', 'internet'],
  },
]

/** The account's snapshot as `POST /v1/snapshots` takes it. */
export async function accountFiles(): Promise<Record<string, unknown>> {
  const { snapshot } = await readSnapshot(DATA)
  const files = Object.fromEntries(snapshot.documents.map(({ file, body }) => [file, body]))
  const groups = JSON.parse(await readFile(join(DATA, 'describe-security-groups.json'), 'utf8'))
  const admitted = groups.SecurityGroups.find((one: { GroupId: string }) => one.GroupId === ADMITTED)
  groups.SecurityGroups.push({ ...admitted, GroupId: NOT_ADMITTED, GroupName: 'billing' })
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

/** Runs of every probe, one a minute, the last of them now. With `healed` every check is as expected. */
export async function runProbes(bench: Bench, runs: number, healed = false): Promise<void> {
  for (let run = runs - 1; run >= 0; run -= 1) {
    const at = new Date(bench.now().getTime() - run * 60_000)
    await takeIn(bench, ...STANDINGS.flatMap((standing) => reportsOf(standing, at, healed)))
  }
}

function reportsOf(standing: Standing, at: Date, healed: boolean): Report[] {
  return standing.subnets.map((subnet) => {
    const probe = `sonde-${standing.functions[0]}-${subnet.slice(-3)}`
    return {
      sonde: 1,
      run: `${probe} ${at.getTime()}`,
      part: [1, 1],
      probe: {
        function: probe,
        version: '0.1.0',
        region: 'ap-northeast-2',
        account: '111122223333',
        subnet,
        securityGroups: [standing.group],
        coldStart: false,
        memoryMb: 128,
        runtime: 'nodejs22.x',
        workloads: [...standing.functions],
        intervalMs: 60_000,
      },
      startedAt: at.toISOString(),
      durationMs: 40,
      results: standing.checks.map((check) => resultOf(check, standing, subnet, at, healed)),
    }
  })
}

function resultOf(
  check: Standing['checks'][number],
  { group }: Standing,
  subnet: string,
  at: Date,
  healed: boolean,
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
  const blocked = !healed && (database ? group === NOT_ADMITTED : subnet === C)
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
  const phases = database
    ? { dns: 1.4 * wave, connect: 2.1 * wave, exchange: 4.2 * wave }
    : { dns: 3.1 * wave, connect: 12 * wave, tls: 24 * wave, exchange: 31 * wave }
  const ms = Object.values(phases).reduce((sum, one) => sum + one, 0)
  return { ...base, ...place, ms, phases, attempts: [{ outcome: 'ok', ms }] }
}
