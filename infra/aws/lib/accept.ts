import { type CfnResource, Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/** Rules of cdk-nag and checkov that a resource doesn't follow, and why it is right not to. */
export interface Acceptance {
  readonly nag?: readonly string[]
  readonly checkov?: readonly string[]
  readonly reason: string
}

/**
 * Accepts findings on one resource, with the reason: for cdk-nag on the construct, for checkov in the resource's metadata, so that
 * who reads the template reads the reason too.
 */
export function accept(resource: CfnResource, acceptances: readonly Acceptance[]): void {
  for (const { nag = [], reason } of acceptances) acknowledge(resource, nag, reason)
  const skip = acceptances.flatMap(({ checkov = [], reason }) =>
    checkov.map((id) => ({ id, comment: reason })),
  )
  if (skip.length > 0) resource.addMetadata('checkov', { skip })
}

/** The same for cdk-nag alone, on a construct of several resources. */
export function acknowledge(construct: IConstruct, rules: readonly string[], reason: string): void {
  for (const id of rules) Validations.of(construct).acknowledge({ id, reason })
}
