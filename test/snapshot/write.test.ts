import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Snapshot } from '../../api/network/snapshot.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { SnapshotTargetError, writeSnapshot } from '../../api/snapshot/write.js'

const document = (call: string, key: string, body: unknown, scope = 'us-east-1') => ({
  file: '',
  scope,
  call,
  key,
  body,
})

const SNAPSHOT: Snapshot = {
  takenAt: '2026-01-02T03:04:05.000Z',
  documents: [
    document('describe-vpc-attribute', 'vpc-1.enableDnsSupport', { EnableDnsSupport: { Value: true } }),
    document('describe-vpcs', '', { Vpcs: [{ VpcId: 'vpc-1' }] }),
    document('describe-vpcs', '', { Vpcs: [{ VpcId: 'vpc-2' }] }),
    document('list-functions', '', {
      Functions: [{ FunctionName: 'f', Environment: { Variables: { A: 'hunter2' } } }],
    }),
    document('simulate-principal-policy', 'role.with.2', { EvaluationResults: [] }),
  ],
  missing: [{ scope: 'us-east-1', call: 'list-roles', key: '', code: 'AccessDenied', message: 'no' }],
}
const OPTIONS = { regions: ['us-east-1'], accounts: ['111122223333'] }

t.test('what is written is read back', async (t) => {
  for (const gzip of [false, true]) {
    const target = join(t.testdir({}), 'deep', 'out')
    await writeSnapshot(target, SNAPSHOT, { ...OPTIONS, gzip })
    const { snapshot, problems, manifests } = await readSnapshot(target)
    t.strictSame(problems, [])
    t.equal(snapshot.takenAt, SNAPSHOT.takenAt)
    t.strictSame(snapshot.missing, SNAPSHOT.missing)
    t.strictSame(manifests, [
      { version: 1, takenAt: SNAPSHOT.takenAt, ...OPTIONS, missing: SNAPSHOT.missing },
    ])
    t.strictSame(
      snapshot.documents.map(({ file, ...rest }) => rest),
      SNAPSHOT.documents.map(({ file, ...rest }) =>
        rest.call === 'list-functions' ? { ...rest, body: { Functions: [{ FunctionName: 'f' }] } } : rest,
      ),
    )
    t.strictSame(await readdir(join(target, '..')), ['out'], 'no draft is left')
  }
})

t.test('as the AWS CLI prints it', async (t) => {
  const target = join(t.testdir({}), 'out')
  await writeSnapshot(target, SNAPSHOT, OPTIONS)
  t.equal(
    await readFile(join(target, 'us-east-1', 'describe-vpc-attribute.vpc-1.enableDnsSupport.json'), 'utf8'),
    '{\n    "EnableDnsSupport": {\n        "Value": true\n    }\n}\n',
  )
})

t.test('only a snapshot or an empty folder is replaced', async (t) => {
  const root = t.testdir({ empty: {}, mine: { 'thesis.txt': 'ten years' }, file: '' })
  await writeSnapshot(join(root, 'empty'), SNAPSHOT, OPTIONS)
  await writeFile(join(root, 'empty', 'describe-addresses.json'), '{}')
  await writeSnapshot(join(root, 'empty'), SNAPSHOT, OPTIONS)
  t.strictSame((await readdir(join(root, 'empty'))).sort(), ['snapshot.json', 'us-east-1'])
  await t.rejects(writeSnapshot(join(root, 'mine'), SNAPSHOT, OPTIONS), SnapshotTargetError)
  await t.rejects(writeSnapshot(join(root, 'file'), SNAPSHOT, OPTIONS), /expected a folder, found a file/)
  t.equal(await readFile(join(root, 'mine', 'thesis.txt'), 'utf8'), 'ten years')
  t.strictSame((await readdir(root)).sort(), ['empty', 'file', 'mine'])
})

t.test('a failure half way leaves the old snapshot', async (t) => {
  const target = join(t.testdir({}), 'out')
  await mkdir(target)
  await writeSnapshot(target, SNAPSHOT, OPTIONS)
  const broken = { ...SNAPSHOT, documents: [...SNAPSHOT.documents, document('x', '', { big: 1n })] }
  await t.rejects(writeSnapshot(target, broken, OPTIONS), TypeError)
  await t.rejects(
    writeSnapshot(target, { ...SNAPSHOT, documents: [document('x', '', {}, '../..')] }, OPTIONS),
    RangeError,
  )
  t.equal((await readSnapshot(target)).snapshot.documents.length, SNAPSHOT.documents.length)
  t.strictSame(await readdir(join(target, '..')), ['out'])
})
