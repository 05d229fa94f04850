/** The partition that a region belongs to: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  if (region.startsWith('us-isob-')) return 'aws-iso-b'
  if (region.startsWith('us-iso-')) return 'aws-iso'
  return region.startsWith('eusc-') ? 'aws-eusc' : 'aws'
}

/** What a function's ARN says; an alias or a version at its end is no other function. */
export interface FunctionArn {
  readonly name: string
  readonly region: string
  readonly account: string
}

/**
 * Reads `arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`; null for any other text.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
 */
export function parseFunctionArn(text: string): FunctionArn | null {
  if (!text.startsWith('arn:')) return null
  const [, , service, region = '', account = '', kind, name = ''] = text.split(':')
  const whole = service === 'lambda' && kind === 'function' && region !== '' && account !== '' && name !== ''
  return whole ? { name, region, account } : null
}

export function functionArn({ name, region, account }: FunctionArn): string {
  return `arn:${partitionOf(region)}:lambda:${region}:${account}:function:${name}`
}
