/** The cheapest call of a service that only reads, and what it takes to make it. */
export interface AwsService {
  /** The IAM action that the call needs. */
  readonly action: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** First label(s) of the endpoint's name. Default: the name under which the service stands in the table. */
  readonly prefix?: string
  /** Its form in FIPS names, where it isn't `<prefix>-fips`. */
  readonly fipsPrefix?: string
  /** Its form in dual-stack names, where it isn't the prefix. */
  readonly dualStackPrefix?: string
  /** The plain name has IPv6 addresses as well, everywhere or in the commercial partition. */
  readonly dualStack?: 'same' | 'same-in-aws'
  /** In AWS GovCloud the plain names are the FIPS ones. */
  readonly govFips?: 'plain'
  /** Name in the signature. Default: the name in the table. */
  readonly signingName?: string
  /** It has one endpoint for all regions, signed for us-east-1, beside the regional ones or (`only`) instead of them. */
  readonly global?: 'also' | 'only'
  /** Reached by gateway endpoints as well, which keep the service's public addresses. */
  readonly gateway?: true
}

type Extra = Omit<AwsService, 'action' | 'method' | 'path' | 'headers' | 'body'>

function operation(action: string): string {
  return action.slice(action.indexOf(':') + 1)
}

function query(version: string, action: string, extra: Extra & { readonly rest?: string } = {}): AwsService {
  const { rest = '', ...others } = extra
  return {
    action,
    method: 'POST',
    path: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: `Action=${operation(action)}&Version=${version}${rest}`,
    ...others,
  }
}

function json(
  version: '1.0' | '1.1',
  target: string,
  action: string,
  body: Readonly<Record<string, unknown>> = {},
  extra: Extra = {},
): AwsService {
  return {
    action,
    method: 'POST',
    path: '/',
    headers: {
      'content-type': `application/x-amz-json-${version}`,
      'x-amz-target': `${target}.${operation(action)}`,
    },
    body: JSON.stringify(body),
    ...extra,
  }
}

function get(path: string, action: string, extra: Extra = {}): AwsService {
  return { action, method: 'GET', path, headers: {}, body: '', ...extra }
}

function post(
  path: string,
  action: string,
  body: Readonly<Record<string, unknown>>,
  extra: Extra = {},
): AwsService {
  return {
    action,
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...extra,
  }
}

const ONE = { MaxResults: 1 }
const one = { maxResults: 1 }
const LIMIT = { Limit: 1 }
const GOV = { govFips: 'plain' } as const

/**
 * What an `aws` check calls, by endpoint prefix as a plan names it. Every call reads, lists one item at most where the service lets
 * that be said, and costs nothing; `action` is all that a probe's role needs for it. A service that isn't here is checked unsigned by
 * `GET /`: its refusal proves the path as well.
 *
 * Names, versions and targets are those of AWS's own service models; a test compares the table with them.
 */
export const awsServices: Readonly<Record<string, AwsService>> = {
  acm: json('1.1', 'CertificateManager', 'acm:ListCertificates', { MaxItems: 1 }, GOV),
  'acm-pca': json('1.1', 'ACMPrivateCA', 'acm-pca:ListCertificateAuthorities', ONE, GOV),
  apigateway: get('/account', 'apigateway:GET'),
  appconfig: get('/applications?max_results=1', 'appconfig:ListApplications', GOV),
  'application-autoscaling': json(
    '1.1',
    'AnyScaleFrontendService',
    'application-autoscaling:DescribeScalableTargets',
    { ServiceNamespace: 'ecs', ...ONE },
    GOV,
  ),
  appsync: get('/v1/apis?maxResults=1', 'appsync:ListGraphqlApis'),
  athena: json('1.1', 'AmazonAthena', 'athena:ListWorkGroups', ONE),
  autoscaling: query('2011-01-01', 'autoscaling:DescribeAccountLimits', GOV),
  backup: get('/backup-vaults/?maxResults=1', 'backup:ListBackupVaults'),
  batch: post('/v1/describejobqueues', 'batch:DescribeJobQueues', one, {
    fipsPrefix: 'fips.batch',
    govFips: 'plain',
  }),
  bedrock: get('/guardrails?maxResults=1', 'bedrock:ListGuardrails'),
  'bedrock-agent': post('/agents/', 'bedrock:ListAgents', one, { signingName: 'bedrock' }),
  'bedrock-runtime': get('/async-invoke?maxResults=1', 'bedrock:ListAsyncInvokes', {
    signingName: 'bedrock',
  }),
  cloudformation: query('2010-05-15', 'cloudformation:DescribeAccountLimits', GOV),
  cloudtrail: json(
    '1.1',
    'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101',
    'cloudtrail:ListTrails',
    {},
    GOV,
  ),
  codebuild: json('1.1', 'CodeBuild_20161006', 'codebuild:ListProjects'),
  codepipeline: json('1.1', 'CodePipeline_20150709', 'codepipeline:ListPipelines', one),
  'cognito-identity': json('1.1', 'AWSCognitoIdentityService', 'cognito-identity:ListIdentityPools', ONE, {
    dualStack: 'same-in-aws',
  }),
  'cognito-idp': json('1.1', 'AWSCognitoIdentityProviderService', 'cognito-idp:ListUserPools', ONE, {
    dualStack: 'same-in-aws',
  }),
  config: json('1.1', 'StarlingDoveService', 'config:DescribeConfigurationRecorderStatus', {}, GOV),
  datasync: json('1.1', 'FmrsService', 'datasync:ListAgents', ONE),
  dms: json('1.1', 'AmazonDMSv20160101', 'dms:DescribeAccountAttributes', {}, GOV),
  dynamodb: json('1.0', 'DynamoDB_20120810', 'dynamodb:ListTables', LIMIT, {
    gateway: true,
    govFips: 'plain',
  }),
  ec2: query('2016-11-15', 'ec2:DescribeRegions', GOV),
  ecr: json('1.1', 'AmazonEC2ContainerRegistry_V20150921', 'ecr:DescribeRepositories', one, {
    prefix: 'api.ecr',
    dualStackPrefix: 'ecr',
  }),
  ecs: json('1.1', 'AmazonEC2ContainerServiceV20141113', 'ecs:ListClusters', one),
  eks: get('/clusters?maxResults=1', 'eks:ListClusters', { fipsPrefix: 'fips.eks', govFips: 'plain' }),
  elasticache: query('2015-02-02', 'elasticache:DescribeCacheClusters', {
    rest: '&MaxRecords=20',
    govFips: 'plain',
  }),
  elasticfilesystem: get('/2015-02-01/file-systems?MaxItems=1', 'elasticfilesystem:DescribeFileSystems', {
    dualStackPrefix: 'efs',
  }),
  elasticloadbalancing: query('2015-12-01', 'elasticloadbalancing:DescribeAccountLimits', GOV),
  elasticmapreduce: json('1.1', 'ElasticMapReduce', 'elasticmapreduce:ListClusters', {}, GOV),
  email: get('/v2/email/account', 'ses:GetAccount', { signingName: 'ses' }),
  es: get('/2021-01-01/domain', 'es:ListDomainNames', { dualStackPrefix: 'aos' }),
  events: json('1.1', 'AWSEvents', 'events:ListEventBuses', LIMIT, GOV),
  firehose: json('1.1', 'Firehose_20150804', 'firehose:ListDeliveryStreams', LIMIT),
  fsx: json('1.1', 'AWSSimbaAPIService_v20180301', 'fsx:DescribeFileSystems', ONE),
  glue: json('1.1', 'AWSGlue', 'glue:ListJobs', ONE),
  guardduty: get('/detector?maxResults=1', 'guardduty:ListDetectors', GOV),
  iam: query('2010-05-08', 'iam:GetAccountSummary', { global: 'only' }),
  iot: get('/things?maxResults=1', 'iot:ListThings'),
  kafka: get('/v1/clusters?maxResults=1', 'kafka:ListClusters', {
    govFips: 'plain',
    dualStackPrefix: 'kafka-api',
  }),
  kinesis: json('1.1', 'Kinesis_20131202', 'kinesis:ListStreams', LIMIT, GOV),
  kinesisanalytics: json('1.1', 'KinesisAnalytics_20180523', 'kinesisanalytics:ListApplications', LIMIT),
  kms: json('1.1', 'TrentService', 'kms:ListKeys', LIMIT),
  lambda: get('/2015-03-31/functions?MaxItems=1', 'lambda:ListFunctions'),
  logs: json('1.1', 'Logs_20140328', 'logs:DescribeLogGroups', { limit: 1 }, GOV),
  'memory-db': json('1.1', 'AmazonMemoryDB', 'memorydb:DescribeClusters', ONE, { signingName: 'memorydb' }),
  monitoring: query('2010-08-01', 'cloudwatch:DescribeAlarms', { rest: '&MaxRecords=1', govFips: 'plain' }),
  mq: get('/v1/brokers?maxResults=1', 'mq:ListBrokers'),
  pipes: get('/v1/pipes?Limit=1', 'pipes:ListPipes'),
  rds: query('2014-10-31', 'rds:DescribeDBInstances', { rest: '&MaxRecords=20', govFips: 'plain' }),
  redshift: query('2012-12-01', 'redshift:DescribeClusters', { rest: '&MaxRecords=20', govFips: 'plain' }),
  'redshift-data': json('1.1', 'RedshiftData', 'redshift-data:ListStatements', ONE),
  rekognition: json('1.1', 'RekognitionService', 'rekognition:ListCollections', ONE),
  route53: get('/2013-04-01/hostedzonecount', 'route53:GetHostedZoneCount', { global: 'only' }),
  s3: get('/?max-buckets=1&x-id=ListBuckets', 's3:ListAllMyBuckets', { gateway: true, global: 'also' }),
  sagemaker: json('1.1', 'SageMaker', 'sagemaker:ListEndpoints', ONE, {
    prefix: 'api.sagemaker',
    fipsPrefix: 'api-fips.sagemaker',
  }),
  scheduler: get('/schedule-groups?MaxResults=1', 'scheduler:ListScheduleGroups'),
  secretsmanager: json('1.1', 'secretsmanager', 'secretsmanager:ListSecrets', ONE, { dualStack: 'same' }),
  servicediscovery: json('1.1', 'Route53AutoNaming_v20170314', 'servicediscovery:ListNamespaces', ONE),
  sns: query('2010-03-31', 'sns:ListTopics', GOV),
  sqs: json('1.0', 'AmazonSQS', 'sqs:ListQueues', ONE, GOV),
  ssm: json('1.1', 'AmazonSSM', 'ssm:DescribeParameters', ONE, GOV),
  states: json('1.0', 'AWSStepFunctions', 'states:ListStateMachines', one, GOV),
  sts: query('2011-06-15', 'sts:GetCallerIdentity', { global: 'also', govFips: 'plain' }),
  tagging: json('1.1', 'ResourceGroupsTaggingAPI_20170126', 'tag:GetTagKeys'),
  transcribe: json('1.1', 'Transcribe', 'transcribe:ListTranscriptionJobs', ONE, {
    fipsPrefix: 'fips.transcribe',
  }),
  transfer: json('1.1', 'TransferService', 'transfer:ListServers', ONE),
  translate: json('1.1', 'AWSShineFrontendService_20170701', 'translate:ListTerminologies', ONE),
  xray: post('/Groups', 'xray:GetGroups', {}),
}
