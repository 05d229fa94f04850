import { type Document, isMap, isScalar, isSeq, type YAMLMap, type YAMLSeq } from 'yaml'
import type { PlanChange } from './merge.js'
import type { PlanFile, PosturePlan } from './plan-file.schema.js'

const HEADER = ` What Sonde's probes check, by posture: the subnets and security groups that functions share.
 Written by \`sonde discover\`; edit it as you like. A run later on proposes what changed and keeps what you wrote.
 Commit it together with the file beside it that ends in .generated.json: by that your edits are told from its own.`

/** Lines are never folded: a host name over two lines is hard to read and harder to search. */
const LAYOUT = { lineWidth: 0 }

/** A new file's text. */
export function newPlanText(document: Document, file: PlanFile): string {
  document.contents = document.createNode(file)
  document.commentBefore = HEADER
  for (const node of posturesIn(document).items) if (isMap(node)) compact(node)
  return document.toString(LAYOUT)
}

/** The text of a file with changes made in it; comments, order and whatever else stands there are kept. */
export function changedPlanText(document: Document, changes: readonly PlanChange[]): string {
  for (const change of changes) apply(document, change)
  return document.toString(LAYOUT)
}

function apply(document: Document, change: PlanChange): void {
  const postures = posturesIn(document)
  if (change.kind === 'add-posture') {
    const node = document.createNode(change.posture)
    compact(node)
    postures.add(node)
    // A list that was written as [] would go on in one line.
    postures.flow = false
    return
  }
  const { id } = change
  const index = postures.items.findIndex((node) => isMap(node) && node.get('id') === id)
  if (change.kind === 'remove-posture') {
    postures.delete(index)
    return
  }
  const posture = postures.items[index]
  if (!isMap(posture)) throw new TypeError(`no posture ${id} in the file`)
  if (change.kind === 'set') {
    if (change.value === undefined) posture.delete(change.field)
    else {
      posture.set(change.field, isPlain(change.value) ? change.value : document.createNode(change.value))
      compact(posture)
    }
  } else if (change.kind === 'add-function') listIn(posture, 'functions').add(change.name)
  else if (change.kind === 'remove-function') {
    const list = listIn(posture, 'functions')
    list.delete(list.items.findIndex((item) => isScalar(item) && item.value === change.name))
  } else {
    const plan = posture.get('plan')
    if (!isMap(plan)) throw new TypeError(`posture ${id} has no plan`)
    const checks = listIn(plan, 'checks')
    const name = change.kind === 'remove-check' ? change.name : change.check.name
    const at = checks.items.findIndex((node) => isMap(node) && node.get('name') === name)
    if (change.kind === 'remove-check') checks.delete(at)
    else if (change.kind === 'add-check') checks.add(document.createNode(change.check))
    else setAll(document, checks.items[at], change.check)
  }
}

/** Member by member, so that what is said beside the ones that stay is kept. */
function setAll(document: Document, node: unknown, check: object): void {
  if (!isMap(node)) throw new TypeError('a check is a mapping')
  const wanted = new Map(Object.entries(check))
  for (const pair of [...node.items]) {
    const key = isScalar(pair.key) ? String(pair.key.value) : ''
    if (!wanted.has(key)) node.delete(key)
  }
  for (const [key, value] of wanted) node.set(key, isPlain(value) ? value : document.createNode(value))
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

function posturesIn(document: Document): YAMLSeq {
  const { contents } = document
  if (!isMap(contents)) throw new TypeError('a plan file is a mapping')
  return listIn(contents, 'postures')
}

function listIn(map: YAMLMap, key: string): YAMLSeq {
  const list = map.get(key)
  if (!isSeq(list)) throw new TypeError(`${key} is a list`)
  return list
}

/** Ids in one line: they are looked up, not read. */
function compact(posture: YAMLMap): void {
  const lists: readonly (keyof PosturePlan)[] = ['subnets', 'securityGroups']
  for (const key of lists) {
    const list = posture.get(key)
    if (isSeq(list)) list.flow = true
  }
}
