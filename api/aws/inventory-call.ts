import type { AwsClients } from './client.js'

/** An AWS object in an answer. */
export type Item = Readonly<Record<string, unknown>>

/** The objects of a list call's answer that was collected before; none where that call failed. */
export type Collected = (call: string) => readonly Item[]

/** One call of a snapshot: how it is made, what it needs, and the permission that it takes. */
export interface InventoryCall {
  /** The AWS CLI command, which names the file. */
  readonly call: string
  /** The IAM action. */
  readonly action: string
  /** The resource to which the permission can be narrowed; `PARTITION` stands for aws, aws-cn, …. */
  readonly resource?: string
  /** The answer's list, which is there even when it is empty; null where the answer is one object. */
  readonly list: string | null
  /** True where the answer is the same in every region, so that it is asked for once. */
  readonly global?: true
  /** What to ask for, one call each, by the key that the file name gets; absent for a call that takes none. */
  readonly keys?: (collected: Collected) => readonly string[]
  readonly pages: (clients: AwsClients, key: string) => AsyncIterable<object>
}
