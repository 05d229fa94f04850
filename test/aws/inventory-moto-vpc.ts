import * as ec2 from '@aws-sdk/client-ec2'
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2'
import * as iam from '@aws-sdk/client-iam'
import * as lambda from '@aws-sdk/client-lambda'
import * as rds from '@aws-sdk/client-rds'
import type { AwsClients } from '../../api/aws/client.js'

/** What was built, by the ids that AWS gave. */
interface BuiltVpc {
  readonly vpcId: string
  readonly privateSubnetId: string
  readonly functionGroupId: string
  readonly databaseGroupId: string
  readonly natGatewayId: string
  readonly natAddress: string
  readonly gatewayEndpointId: string
  readonly balancerGroupId: string
  readonly serverGroupId: string
  readonly balancerArn: string
  readonly targetGroupArn: string
}

export const SECRET = 'hunter2-never-in-a-snapshot'

/**
 * Builds, by AWS's API, a VPC with a public and two private subnets, NAT, a DynamoDB endpoint, a Postgres on RDS
 * that admits the function's group,, a
 * Network Load Balancer before a server, and a function in the private subnets.
 */
export async function buildVpc(aws: AwsClients): Promise<BuiltVpc> {
  const zone = (letter: string) => `${aws.region}${letter}`
  const vpcId = given((await aws.ec2.send(new ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc?.VpcId)
  for (const name of ['EnableDnsSupport', 'EnableDnsHostnames'] as const) {
    await aws.ec2.send(new ec2.ModifyVpcAttributeCommand({ VpcId: vpcId, [name]: { Value: true } }))
  }
  const subnet = async (CidrBlock: string, letter: string) =>
    given(
      (
        await aws.ec2.send(
          new ec2.CreateSubnetCommand({ VpcId: vpcId, CidrBlock, AvailabilityZone: zone(letter) }),
        )
      ).Subnet?.SubnetId,
    )
  const publicSubnetId = await subnet('10.0.0.0/24', 'a')
  const privateSubnetId = await subnet('10.0.1.0/24', 'a')
  const otherSubnetId = await subnet('10.0.2.0/24', 'b')

  const gatewayId = given(
    (await aws.ec2.send(new ec2.CreateInternetGatewayCommand({}))).InternetGateway?.InternetGatewayId,
  )
  await aws.ec2.send(new ec2.AttachInternetGatewayCommand({ InternetGatewayId: gatewayId, VpcId: vpcId }))
  const address = await aws.ec2.send(new ec2.AllocateAddressCommand({ Domain: 'vpc' }))
  const nat = await aws.ec2.send(
    new ec2.CreateNatGatewayCommand({ SubnetId: publicSubnetId, AllocationId: given(address.AllocationId) }),
  )
  const natGatewayId = given(nat.NatGateway?.NatGatewayId)

  const table = async (
    subnets: readonly string[],
    route: { readonly GatewayId?: string; readonly NatGatewayId?: string },
  ) => {
    const id = given(
      (await aws.ec2.send(new ec2.CreateRouteTableCommand({ VpcId: vpcId }))).RouteTable?.RouteTableId,
    )
    await aws.ec2.send(
      new ec2.CreateRouteCommand({ RouteTableId: id, DestinationCidrBlock: '0.0.0.0/0', ...route }),
    )
    for (const SubnetId of subnets) {
      await aws.ec2.send(new ec2.AssociateRouteTableCommand({ RouteTableId: id, SubnetId }))
    }
    return id
  }
  await table([publicSubnetId], { GatewayId: gatewayId })
  const privateTableId = await table([privateSubnetId, otherSubnetId], { NatGatewayId: natGatewayId })
  const endpoint = await aws.ec2.send(
    new ec2.CreateVpcEndpointCommand({
      VpcId: vpcId,
      ServiceName: `com.amazonaws.${aws.region}.dynamodb`,
      VpcEndpointType: 'Gateway',
      RouteTableIds: [privateTableId],
    }),
  )

  const group = async (GroupName: string) =>
    given(
      (
        await aws.ec2.send(
          new ec2.CreateSecurityGroupCommand({ VpcId: vpcId, GroupName, Description: GroupName }),
        )
      ).GroupId,
    )
  const functionGroupId = await group('function')
  const databaseGroupId = await group('database')
  await aws.ec2.send(
    new ec2.AuthorizeSecurityGroupIngressCommand({
      GroupId: databaseGroupId,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId: functionGroupId }] },
      ],
    }),
  )
  await buildDatabase(aws, [privateSubnetId, otherSubnetId], databaseGroupId)
  await buildFunction(aws, [privateSubnetId, otherSubnetId], functionGroupId)
  const admit = async (GroupId: string, port: number, from: string) => {
    const permission = {
      IpProtocol: 'tcp',
      FromPort: port,
      ToPort: port,
      UserIdGroupPairs: [{ GroupId: from }],
    }
    await aws.ec2.send(new ec2.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission] }))
  }
  const balancerGroupId = await group('balancer')
  const serverGroupId = await group('server')
  await admit(balancerGroupId, 80, functionGroupId)
  await admit(serverGroupId, 8080, balancerGroupId)
  const balancing = await buildBalancer(aws, vpcId, [privateSubnetId, otherSubnetId], {
    balancer: balancerGroupId,
    server: serverGroupId,
  })
  return {
    ...balancing,
    balancerGroupId,
    serverGroupId,
    vpcId,
    privateSubnetId,
    functionGroupId,
    databaseGroupId,
    natGatewayId,
    natAddress: given(address.PublicIp),
    gatewayEndpointId: given(endpoint.VpcEndpoint?.VpcEndpointId),
  }
}

async function buildDatabase(aws: AwsClients, subnets: string[], groupId: string): Promise<void> {
  await aws.rds.send(
    new rds.CreateDBSubnetGroupCommand({
      DBSubnetGroupName: 'orders',
      DBSubnetGroupDescription: 'orders',
      SubnetIds: subnets,
    }),
  )
  await aws.rds.send(
    new rds.CreateDBInstanceCommand({
      DBInstanceIdentifier: 'orders',
      DBInstanceClass: 'db.t4g.micro',
      Engine: 'postgres',
      AllocatedStorage: 20,
      MasterUsername: 'sonde',
      MasterUserPassword: SECRET,
      DBSubnetGroupName: 'orders',
      VpcSecurityGroupIds: [groupId],
      Port: 5432,
    }),
  )
}

async function buildBalancer(
  aws: AwsClients,
  VpcId: string,
  subnets: readonly string[],
  groups: { readonly balancer: string; readonly server: string },
): Promise<{ readonly balancerArn: string; readonly targetGroupArn: string }> {
  const made = await aws.elbv2.send(
    new elbv2.CreateLoadBalancerCommand({
      Name: 'web',
      Type: 'network',
      Scheme: 'internal',
      Subnets: [...subnets],
      SecurityGroups: [groups.balancer],
    }),
  )
  const balancerArn = given(made.LoadBalancers?.[0]?.LoadBalancerArn)
  await aws.elbv2.send(
    new elbv2.ModifyLoadBalancerAttributesCommand({
      LoadBalancerArn: balancerArn,
      Attributes: [{ Key: 'load_balancing.cross_zone.enabled', Value: 'true' }],
    }),
  )
  const group = await aws.elbv2.send(
    new elbv2.CreateTargetGroupCommand({ Name: 'app', Protocol: 'TCP', Port: 8080, VpcId }),
  )
  const targetGroupArn = given(group.TargetGroups?.[0]?.TargetGroupArn)
  const run = await aws.ec2.send(
    new ec2.RunInstancesCommand({
      ImageId: 'ami-12c6146b',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnets[0],
      SecurityGroupIds: [groups.server],
    }),
  )
  await aws.elbv2.send(
    new elbv2.RegisterTargetsCommand({
      TargetGroupArn: targetGroupArn,
      Targets: [{ Id: given(run.Instances?.[0]?.InstanceId), Port: 8080 }],
    }),
  )
  await aws.elbv2.send(
    new elbv2.CreateListenerCommand({
      LoadBalancerArn: balancerArn,
      Protocol: 'TCP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  )
  return { balancerArn, targetGroupArn }
}

async function buildFunction(aws: AwsClients, subnets: string[], groupId: string): Promise<void> {
  const role = await aws.iam.send(
    new iam.CreateRoleCommand({
      RoleName: 'orders-role',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      }),
    }),
  )
  await aws.lambda.send(
    new lambda.CreateFunctionCommand({
      FunctionName: 'orders',
      Runtime: 'nodejs22.x',
      Role: given(role.Role?.Arn),
      Handler: 'index.handler',
      Code: { ZipFile: Buffer.from('UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==', 'base64') },
      Environment: { Variables: { DB_PASSWORD: SECRET } },
      VpcConfig: { SubnetIds: subnets, SecurityGroupIds: [groupId] },
    }),
  )
}

function given(value: string | undefined): string {
  if (value === undefined) throw new Error('AWS gave no id')
  return value
}
