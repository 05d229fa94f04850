import { resolve } from 'node:path'
import type { Command } from 'commander'
import { partitionOf } from '../arn.js'
import type { MissingCall } from '../network/snapshot.js'
import { checkTarget, SnapshotTargetError, writeSnapshot } from '../snapshot/write.js'
import { append, missingLines, progressLine, REGION, regionsOf } from './collecting.js'
import { EXIT, guard, InputError, type Io, say, write } from './io.js'
import { safe, screenOf, wrap } from './screen.js'
import { addHelp } from './usage.js'

interface SnapshotOptions {
  readonly region: readonly string[]
  readonly out?: string
  readonly gzip?: boolean
  readonly policy?: boolean
}

const HELP = {
  en: `Credentials come from the environment as with every AWS tool (AWS_PROFILE, AWS_ACCESS_KEY_ID, roles, SSO); AWS_ENDPOINT_URL is honoured. Secrets (Lambda environment values, user data, VPN keys) are never written.
Exit:  0 written, even where calls were denied (they are listed, and recorded as missing), 2 nothing written`,
  ko: `자격 증명은 다른 AWS 도구처럼 환경에서 가져오고(AWS_PROFILE, AWS_ACCESS_KEY_ID, 역할, SSO), AWS_ENDPOINT_URL을 따릅니다. 비밀 값(Lambda 환경 변수의 값, 사용자 데이터, VPN 키)은 쓰지 않습니다.
종료 코드: 0 썼음(거부된 호출이 있어도. 목록에 나오고 빠진 것으로 기록됩니다), 2 쓰지 않음`,
}

/** Adds `sonde snapshot`: collects the configuration of one account's regions into a folder. */
export function registerSnapshot(program: Command, io: Io): void {
  const command = program
    .command('snapshot')
    .description(
      say(
        io,
        'collect the VPC configuration of an AWS account into a folder that trace and diagnose read',
        'AWS 계정의 VPC 구성을 trace와 diagnose가 읽는 폴더로 수집합니다',
      ),
    )
    .option('--region <region>', REGION.about[io.language], append, [])
    .option(
      '--out <dir>',
      say(
        io,
        'folder to write; an older snapshot in it is replaced',
        '쓸 폴더. 안에 있던 스냅샷은 새것으로 바뀝니다',
      ),
    )
    .option('--gzip', say(io, 'compress each file', '파일마다 압축'))
    .option('--policy', REGION.policy[io.language])
  addHelp(command, io, HELP).action((options: SnapshotOptions) =>
    guard(io, 'snapshot', isSnapshotError, () => runSnapshot(options, io)),
  )
}

async function runSnapshot(options: SnapshotOptions, io: Io): Promise<number> {
  const regions = regionsOf(options, io)
  if (options.policy) {
    const { snapshotPolicy } = await import('../aws/policy.js')
    await write(io.stdout, `${JSON.stringify(snapshotPolicy(partitionOf(regions[0] ?? '')), null, 2)}\n`)
    return EXIT.ok
  }
  if (regions.length === 0)
    throw new InputError({
      en: '--region is missing: name at least one, such as eu-west-1',
      ko: '--region이 빠졌습니다. ap-northeast-2처럼 하나 이상 지정하세요',
    })
  if (options.out === undefined)
    throw new InputError({
      en: '--out is missing: name the folder to write',
      ko: '--out이 빠졌습니다. 쓸 폴더를 지정하세요',
    })
  const target = resolve(io.cwd, options.out)
  await checkTarget(target, options.out)
  // The SDK takes a tenth of a second to load: only the command that needs it pays.
  const { openClients, closeClients } = await import('../aws/client.js')
  const { collectInventory } = await import('../aws/inventory.js')
  const clients = regions.map((region) => openClients(region))
  try {
    const progress = progressLine(io)
    const inventory = await collectInventory(clients, { onCall: progress.step })
    await progress.end()
    const { snapshot } = inventory
    await writeSnapshot(target, snapshot, { ...inventory, gzip: options.gzip === true })
    await write(io.stdout, summary(io, options.out, snapshot.documents.length, snapshot.missing))
    return EXIT.ok
  } finally {
    for (const one of clients) closeClients(one)
  }
}

function summary(io: Io, folder: string, answers: number, missing: readonly MissingCall[]): string {
  const { columns } = screenOf(io.stdout, io.env)
  const lines = [
    `${safe(folder)}: ${say(io, `${answers} answers, ${missing.length} missing`, `응답 ${answers}개, 빠진 것 ${missing.length}개`)}`,
    ...missingLines(io, missing, columns),
  ]
  if (missing.length > 0) {
    lines.push(
      ...wrap(
        say(
          io,
          'What hangs on a missing answer will be unknown, not "there is none". --policy prints what to allow.',
          '빠진 응답에 달린 것은 "없음"이 아니라 "판단 불가"가 됩니다. 무엇을 허용할지는 --policy로 볼 수 있습니다.',
        ),
        columns,
      ),
    )
  }
  return `${lines.join('\n')}\n`
}

function isSnapshotError(error: unknown): boolean {
  // By name, so that the SDK isn't loaded to compare a class.
  return error instanceof SnapshotTargetError || (error instanceof Error && error.name === 'InventoryError')
}
