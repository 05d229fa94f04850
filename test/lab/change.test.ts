import { join } from 'node:path'
import t from 'tap'
import type { Change } from '../../api/diagnosis/diagnosis.js'
import { text } from '../../api/diagnosis/raw.js'
import type { LabState } from '../../api/lab/live.js'
import { applyStep } from '../../api/lab/steps.js'
import { SAMPLE_FAULTS, siteOf } from '../../api/sample/faults.js'
import { readSnapshot } from '../../api/snapshot/read.js'
import { readAccount } from '../../infra/lab/account.js'
import { applicable, inject } from '../../infra/lab/faults/catalogue.js'
import { readLabFolder } from '../../infra/lab/folder.js'
import { layOut } from '../../infra/lab/network.js'
import { type Post, type PostRun, postsOf, runPost } from '../../infra/lab/posts.js'
import type { Lab } from '../../infra/lab/start.js'
import { updatesBetween } from '../../infra/lab/update.js'
import { buildLab, labFor, labMissing } from './support.js'

const FOLDER = join(process.cwd(), 'infra/lab/sample')
const { hosts, plans } = readLabFolder(FOLDER)
const { snapshot } = await readSnapshot(join(FOLDER, 'snapshot'))
const sound: LabState = { snapshot, hosts }

function broken(id: string): LabState {
  const fault = SAMPLE_FAULTS.find((one) => one.id === id)
  const site = fault && siteOf(snapshot, fault)
  if (!site) throw new Error(`${id} has no place`)
  return applyStep(sound, { kind: 'fault', id, site })
}

/** One of each kind of thing that changes: a group, a table, a filter of a subnet, an association, names, a server. */
const CHANGES = [
  'orders-db-wrong-port',
  'one-route-missing',
  'replies-dropped',
  's3-endpoint-unrouted',
  'private-dns-off',
  'orders-db-certificate-expired',
]

t.test('a change touches only the namespaces that it is about', async (t) => {
  const before = layOut(snapshot.documents)
  t.same(updatesBetween(before, layOut(snapshot.documents)), [], 'nothing where nothing changed')
  const route = updatesBetween(before, layOut(broken('one-route-missing').snapshot.documents))
  t.same(
    route?.map(({ name, nft }) => [name, nft]),
    [['vpc0', null]],
  )
  t.same(
    route?.[0]?.ip4.map((line) => line.split(' ').slice(0, 3).join(' ')),
    ['route del 0.0.0.0/0'],
  )
  const group = updatesBetween(before, layOut(broken('orders-db-wrong-port').snapshot.documents))
  t.equal(group?.length, 1)
  t.match(group?.[0]?.name, /^eni-/)
  const [acl] = readAccount(snapshot.documents).acls
  const fix = (changes: readonly Change[]) => applyStep(sound, { kind: 'fix', changes, mended: [] }).snapshot
  if (acl === undefined) throw new Error('the sample has no ACL')
  const networkAclId = text(acl, 'NetworkAclId')
  const unruled = updatesBetween(
    before,
    layOut(
      fix([{ kind: 'delete-network-acl-entry', networkAclId, egress: true, ruleNumber: 100 }]).documents,
    ),
  )
  t.same(
    unruled?.map(({ name, ip4 }) => [name, ip4]),
    [['vpc0', []]],
    'an ACL that loses a rule is filters of the router alone',
  )
  const fewer = snapshot.documents.filter(({ call }) => call !== 'describe-nat-gateways')
  const other = fewer.map((one) =>
    one.call === 'describe-network-interfaces' ? { ...one, body: { NetworkInterfaces: [] } } : one,
  )
  t.equal(updatesBetween(before, layOut(other)), null, 'other interfaces are another network')
  const flow = { from: 'orders-api', to: 'internet', port: 443 }
  const moved = applicable(snapshot, flow).find(({ fault }) => fault === 'nat-in-private-subnet')
  if (moved === undefined) throw new Error('the NAT gateway can not be moved')
  const elsewhere = layOut(inject(snapshot, moved).snapshot.documents)
  t.equal(updatesBetween(before, elsewhere), null, 'an address takes its routes with it when it goes')
  t.equal(updatesBetween(elsewhere, before), null, 'and back')
})

/** What every probe sees, a line each. */
async function sights(lab: Lab, { snapshot: one }: LabState): Promise<readonly string[]> {
  const account = readAccount(one.documents)
  const options = { timeoutMs: 3000, intervalMs: 10_000 }
  // On a busy machine an answer may come late: it is asked for again.
  const look = async (post: Post): Promise<PostRun> => {
    const run = await runPost(lab, account, post, options)
    return run.results.some(({ outcome }) => outcome !== 'ok') ? runPost(lab, account, post, options) : run
  }
  const runs = await Promise.all(postsOf(account, plans).map(look))
  return runs.flatMap(({ post, results, error }) =>
    error === null
      ? results.map(({ check, outcome, address }) => `${post.probe} ${check} ${outcome} ${address}`)
      : [`${post.probe} ${error}`],
  )
}

const missing = labMissing()
if (missing !== null) t.test('in the lab', { skip: missing }, async () => undefined)
else {
  t.setTimeout(600_000)
  const program = await buildLab(t)
  t.test('a network that was changed in place is like one that was raised anew', async (t) => {
    const [changed, raised] = [await labFor(t, program), await labFor(t, program)]
    await changed.up(snapshot.documents, hosts)
    for (const id of CHANGES) {
      const state = broken(id)
      const { ms } = await changed.change(state.snapshot.documents, state.hosts)
      const again = await raised.up(state.snapshot.documents, state.hosts)
      t.comment(`${id}: changed in ${ms} ms, raised in ${again.ms} ms`)
      const seen = await sights(changed, state)
      t.same(seen, await sights(raised, state), id)
      t.ok(
        seen.some((line) => !line.includes(' ok ')),
        'and it is broken',
      )
      await changed.change(snapshot.documents, hosts)
    }
    const all = await sights(changed, sound)
    t.ok(all.length > 20)
    t.same(
      all.filter((line) => !line.includes(' ok ') && !line.includes('no-internet')),
      [],
      'changed back, all is well',
    )
  })
}
