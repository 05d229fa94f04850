import { readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { Document } from 'yaml'
import { changedPlanText, newPlanText } from '../discovery/edit.js'
import { type Merge, type MergeInput, mergePlans, nextBase } from '../discovery/merge.js'
import { type PlanDocument, readPlanDocument, readPlanFile } from '../discovery/plan-file.js'
import type { PlanFile } from '../discovery/plan-file.schema.js'
import { type Discovery, discover } from '../discovery/propose.js'
import { josa } from '../korean.js'
import { buildModel } from '../network/model.js'
import type { MissingCall, Snapshot } from '../network/snapshot.js'
import { readSnapshot, SnapshotFolderError } from '../snapshot/read.js'
import { hanging } from '../wrap.js'
import { ConfigError } from '../yaml-file.js'
import { append, missingLines, progressLine, REGION, regionsOf } from './collecting.js'
import { changeLines, discoveryLines } from './discover-table.js'
import { EXIT, guard, InputError, type Io, say, unreadable, unwritable, write } from './io.js'
import { warnOf } from './model-input.js'
import { safe, screenOf } from './screen.js'
import { addHelp } from './usage.js'

interface DiscoverOptions {
  readonly region: readonly string[]
  readonly snapshot?: string
  readonly out: string
  readonly apply?: boolean
  readonly json?: boolean
  readonly policy?: boolean
}

const HELP = {
  en: `Functions in a VPC are grouped by their subnets and security groups: Lambda gives those that share both the same network interfaces, so one probe a subnet speaks for all of them. RDS, ElastiCache, OpenSearch and VPC endpoints of the same VPC become checks, and the internet where a subnet has a default route.

  sonde:ignore        a tag on a function, database, cache, domain or endpoint: left out
  sonde:checks WORDS  a tag on a function: only these of the proposals (rds:orders, internet), and targets of its own (tcp://HOST:PORT, https://HOST/, postgres://HOST, aws://sqs, not:tcp://HOST:PORT)

The first run writes the file. A later one shows what it would change, and changes it with --apply; what a person wrote, changed or took out stays. FILE.generated.json beside it remembers what discovery wrote itself: commit both.
Exit:  0 written, or nothing to change; 1 there are changes, and no --apply; 2 bad input, or AWS can't be asked`,
  ko: `VPC의 함수를 서브넷과 보안 그룹으로 묶습니다. 둘이 모두 같은 함수에는 Lambda가 같은 네트워크 인터페이스를 주므로, 서브넷마다 프로브 하나가 모두를 대신합니다. 같은 VPC의 RDS, ElastiCache, OpenSearch, VPC 엔드포인트가 검사가 되고, 기본 경로가 있는 서브넷이면 인터넷도 검사합니다.

  sonde:ignore       함수, 데이터베이스, 캐시, 도메인, 엔드포인트의 태그: 제외
  sonde:checks 목록  함수의 태그: 제안 가운데 이것만(rds:orders, internet), 그리고 직접 적은 대상(tcp://HOST:PORT, https://HOST/, postgres://HOST, aws://sqs, not:tcp://HOST:PORT)

첫 실행은 파일을 씁니다. 그 뒤에는 바뀔 것을 보여 주고, --apply가 있으면 바꿉니다. 사람이 쓰고 고치고 뺀 것은 그대로 둡니다. 옆에 생기는 파일.generated.json에는 디스커버리가 쓴 것이 남으니 둘 다 커밋하세요.
종료 코드: 0 썼거나 바꿀 것이 없음, 1 바꿀 것이 있는데 --apply가 없음, 2 잘못된 입력이거나 AWS에 물을 수 없음`,
}

/** Adds `sonde discover`: from an account, or a snapshot of it, to the plan of its probes. */
export function registerDiscover(program: Command, io: Io): void {
  const command = program
    .command('discover')
    .description(
      say(
        io,
        'find functions and what they may depend on, and write the plan of the probes for a person to edit',
        '함수와 그 의존 대상을 찾아, 사람이 고칠 수 있는 프로브 계획을 씁니다',
      ),
    )
    .option('--region <region>', REGION.about[io.language], append, [])
    .option(
      '--snapshot <dir>',
      say(io, 'look through a snapshot instead of asking AWS', 'AWS에 묻지 않고 스냅샷에서 찾음'),
    )
    .option('--out <file>', say(io, 'the plan file', '계획 파일'), 'sonde.plan.yaml')
    .option(
      '--apply',
      say(io, 'write the changes into a plan file that is there already', '이미 있는 계획 파일에 변경을 씀'),
    )
    .option(
      '--json',
      say(io, 'print what was found and what would change as JSON', '찾은 것과 바뀔 것을 JSON으로 출력'),
    )
    .option('--policy', REGION.policy[io.language])
  addHelp(command, io, HELP).action((options: DiscoverOptions) =>
    guard(io, 'discover', isInput, () => runDiscover(options, io)),
  )
}

function isInput(error: unknown): boolean {
  // By name, so that the SDK isn't loaded to compare a class.
  const named = error instanceof Error && error.name === 'InventoryError'
  return named || error instanceof ConfigError || error instanceof SnapshotFolderError
}

async function writeOut(path: string, shown: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: unknown) => {
    throw unwritable(error, shown)
  })
}

async function runDiscover(options: DiscoverOptions, io: Io): Promise<number> {
  if (options.policy) {
    const { discoveryPolicy } = await import('../aws/policy.js')
    const { partitionOf } = await import('../arn.js')
    const [region = ''] = regionsOf(options, io)
    await write(io.stdout, `${JSON.stringify(discoveryPolicy(partitionOf(region)), null, 2)}\n`)
    return EXIT.ok
  }
  const paths = pathsOf(resolve(io.cwd, options.out))
  // Before AWS is asked for minutes: a file that can't be read must not be found out at the end.
  const there = await readExisting(paths, options.out)
  const snapshot =
    options.snapshot === undefined ? await collect(options, io) : await open(options.snapshot, io)
  const discovery = discover(snapshot, buildModel(snapshot).model)
  const scope = { ...scopeOf(discovery), base: there?.base ?? null, theirs: discovery.file }
  const merge = there === null ? null : mergePlans({ ...scope, mine: there.mine })
  const pending = merge !== null && merge.changes.length > 0
  const writes = there === null || (options.apply === true && pending)
  if (writes) {
    const text =
      there === null || merge === null
        ? newPlanText(new Document(), discovery.file)
        : changedPlanText(there.document, merge.changes)
    // Never leave a file that the next run can't read.
    readPlanFile(text, options.out)
    await writeOut(paths.plan, options.out, text)
  }
  if (writes || !pending)
    await writeOut(paths.generated, options.out, `${JSON.stringify(nextBase(scope), null, 2)}\n`)
  await tell(io, options, {
    discovery,
    merge,
    missing: snapshot.missing,
    wrote: writes,
    isNew: there === null,
  })
  return pending && !writes ? EXIT.failed : EXIT.ok
}

interface Existing {
  readonly mine: PlanFile
  readonly document: PlanDocument
  readonly base: PlanFile | null
}

/** What the discovery can speak of, as the merge asks it. */
function scopeOf({ covered, uncertain }: Discovery): Pick<MergeInput, 'covers' | 'isUncertain'> {
  return {
    covers: ({ account, region }) =>
      covered.some(
        (place) =>
          place.region === region &&
          (place.account === null || account === undefined || place.account === account),
      ),
    isUncertain: (name) => uncertain.some((prefix) => name.startsWith(prefix)),
  }
}

interface Paths {
  readonly plan: string
  readonly generated: string
}

function pathsOf(plan: string): Paths {
  const stem = basename(plan, extname(plan))
  return { plan, generated: join(dirname(plan), `${stem}.generated.json`) }
}

async function readExisting({ plan, generated }: Paths, name: string): Promise<Existing | null> {
  const text = await textOf(plan)
  if (text === null) return null
  const { value, document } = readPlanDocument(text, name)
  const written = await textOf(generated)
  return { mine: value, document, base: written === null ? null : readPlanFile(written, basename(generated)) }
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw unreadable(error, file)
  }
}

/** The SDK takes a tenth of a second to load: only who asks AWS pays. */
async function collect(options: DiscoverOptions, io: Io): Promise<Snapshot> {
  const regions = regionsOf(options, io)
  if (regions.length === 0) {
    throw new InputError({
      en: '--region is missing: name at least one, such as eu-west-1, or a snapshot with --snapshot',
      ko: '--region이 빠졌습니다. ap-northeast-2처럼 하나 이상 지정하거나, --snapshot으로 스냅샷을 지정하세요',
    })
  }
  const { openClients, closeClients } = await import('../aws/client.js')
  const { collectInventory } = await import('../aws/inventory.js')
  const { DISCOVERY_CALLS } = await import('../aws/inventory-calls.js')
  const clients = regions.map((region) => openClients(region))
  try {
    const progress = progressLine(io)
    const { snapshot } = await collectInventory(clients, { calls: DISCOVERY_CALLS, onCall: progress.step })
    await progress.end()
    return snapshot
  } finally {
    for (const one of clients) closeClients(one)
  }
}

async function open(folder: string, io: Io): Promise<Snapshot> {
  const { snapshot, problems } = await readSnapshot(resolve(io.cwd, folder))
  await warnOf(io, problems)
  return snapshot
}

interface Outcome {
  readonly discovery: Discovery
  /** Null where there was no file. */
  readonly merge: Merge | null
  readonly missing: readonly MissingCall[]
  readonly wrote: boolean
  readonly isNew: boolean
}

async function tell(io: Io, options: DiscoverOptions, outcome: Outcome): Promise<void> {
  const { discovery, merge, missing, wrote, isNew } = outcome
  if (options.json) {
    const postures = discovery.postures.map(({ plan, notes, interfaces }) => ({
      ...plan,
      interfaces: Object.fromEntries(interfaces),
      probes: plan.subnets.length,
      notes,
    }))
    const told = {
      file: options.out,
      wrote,
      postures,
      changes: merge?.changes ?? [],
      kept: merge?.kept ?? [],
      missing,
    }
    await write(io.stdout, `${JSON.stringify(told)}\n`)
    return
  }
  const screen = screenOf(io.stdout, io.env)
  const { language } = io
  const lines = [...discoveryLines(discovery, language, screen), ...missingLines(io, missing, screen.columns)]
  if (merge) lines.push(...changeLines(merge, language, screen))
  lines.push(...hanging('', lastLine(io, safe(options.out), merge, wrote, isNew), 2, screen.columns))
  await write(io.stdout, `${lines.join('\n')}\n`)
}

function lastLine(io: Io, out: string, merge: Merge | null, wrote: boolean, isNew: boolean): string {
  if (isNew)
    return say(
      io,
      `${out} is written: read it, edit it, and deploy the probes by it.`,
      josa`${out}을(를) 썼습니다. 읽고 고친 뒤, 그에 따라 프로브를 배포하세요.`,
    )
  const count = merge?.changes.length ?? 0
  if (count === 0) return say(io, `${out} is up to date.`, josa`${out}은(는) 최신 상태입니다.`)
  const changes = `${count} ${count === 1 ? 'change' : 'changes'}`
  return wrote
    ? say(io, `${out}: ${changes} written.`, `${out}: 변경 ${count}건을 썼습니다.`)
    : say(
        io,
        `${out}: ${changes} proposed; --apply writes them.`,
        `${out}: 변경 ${count}건을 제안합니다. --apply로 쓸 수 있습니다.`,
      )
}
