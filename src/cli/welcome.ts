/** What `outport serve` prints when it is ready. */
export interface Addresses {
  readonly graphqlUrl: string;
  readonly websocketUrl: string;
  readonly awsEndpoint: string;
  readonly issuer: string;
  /** A token to call the API with, for 12 hours. */
  readonly token: string;
  /** The data folder, as an absolute path. */
  readonly directory: string;
}

/** One line for programs. */
export const asJson = (addresses: Addresses): string => JSON.stringify(addresses);

/** For people: the addresses, and commands to paste. */
export function asText({ graphqlUrl, websocketUrl, awsEndpoint, token, directory }: Addresses): string {
  // In the fragment, which browsers keep to themselves; the console takes it out of the address.
  const consoleUrl = `${new URL('/', graphqlUrl)}#token=${token}`;
  return `Outport is running. The console, signed in as 'developer' of the team 'platform':

  ${consoleUrl}

  GraphQL        ${graphqlUrl}
  Subscriptions  ${websocketUrl}  (graphql-transport-ws)
  GraphiQL       ${new URL('/graphiql', graphqlUrl)}  (in a tab that is signed in to the console)
  AWS endpoint   ${awsEndpoint}
  Data           ${directory}

Call it as the same, for 12 hours:

  export OUTPORT_URL=${graphqlUrl} OUTPORT_TOKEN=${token}

  npx outport exports list
  curl -s ${graphqlUrl} -H "authorization: Bearer $OUTPORT_TOKEN" -H 'content-type: application/json' \\
    -d '{"query":"{ exports(first: 10) { nodes { id status tableArn } } }"}'

Make a table that can be exported, and a bucket for it, with the AWS CLI:

  export AWS_ENDPOINT_URL=${awsEndpoint} AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=000000000000 AWS_SECRET_ACCESS_KEY=outport

  aws s3 mb s3://lake --endpoint-url $AWS_ENDPOINT_URL
  aws dynamodb create-table --endpoint-url $AWS_ENDPOINT_URL --table-name orders --billing-mode PAY_PER_REQUEST \\
    --attribute-definitions AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH
  aws dynamodb update-continuous-backups --endpoint-url $AWS_ENDPOINT_URL --table-name orders \\
    --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true

Export it, and list exports again:

  npx outport exports start arn:aws:dynamodb:us-east-1:000000000000:table/orders --bucket lake --wait

Ctrl-C stops it.`;
}
