import { describe, expect, test } from 'vitest';
import { resolve } from '../../../src/local/host/intrinsics.ts';
import { parseServiceDefinition, readServiceDefinition } from '../../../src/local/host/service-definition.ts';
import { recordsTableDefinition, TIME_TO_LIVE_ATTRIBUTE } from '../../../src/records/table.ts';
import { FUNCTION_NAMES } from '../../deployment/support/packaged-service.ts';

const withEvents = (events: string) => `
service: example
provider: { region: eu-central-1, environment: { TABLE: !Ref Things } }
params: { default: { color: blue } }
functions:
  first:
    handler: build/first/index.handler
    events: ${events}
`;

describe('readServiceDefinition', () => {
  test('reads functions, events and environment', () => {
    const { service, region, params, functions } = parseServiceDefinition(
      withEvents(`
      - httpApi: { method: post, path: /things }
      - websocket: { route: $default }
      - schedule: { rate: rate(5 minutes) }
      - stream: { type: dynamodb, arn: !GetAtt Things.StreamArn, startingPosition: TRIM_HORIZON, maximumRetryAttempts: 2 }`),
    );

    expect({ service, region, params }).toEqual({
      service: 'example',
      region: 'eu-central-1',
      params: { color: 'blue' },
    });
    expect(functions).toEqual([
      {
        name: 'first',
        handler: 'build/first/index.handler',
        timeoutSeconds: 6,
        memorySizeMegabytes: 1024,
        environment: { TABLE: { Ref: 'Things' } },
        httpRoutes: [{ method: 'POST', path: '/things' }],
        websocketRoutes: ['$default'],
        scheduleMinutes: [5],
        streams: [
          {
            arn: { 'Fn::GetAtt': ['Things', 'StreamArn'] },
            batchSize: 100,
            bisectBatchOnFunctionError: false,
            maximumRetryAttempts: 2,
            reportBatchItemFailures: false,
            filterPatterns: [],
          },
        ],
      },
    ]);
  });

  test.each([
    ['[{ sqs: queue }]', /functions\.first\.events\[0\]: the host knows httpApi, websocket, stream and schedule/],
    ['[{ httpApi: { method: GET, path: "/{id}" } }]', /events\[0\]\.httpApi\.path: the host knows fixed paths, and/],
    [
      '[{ httpApi: { method: GET, path: "/{a}/{b+}" } }]',
      /events\[0\]\.httpApi\.path: the host knows fixed paths, and/,
    ],
    ['[{ httpApi: { method: GET, path: /, authorizer: x } }]', /does not know the option 'authorizer'/],
    ['[{ websocket: { route: greet } }]', /not 'greet'/],
    ['[{ schedule: { rate: "cron(0 * * * ? *)" } }]', /the host knows rate\(<n> minutes\)/],
    ['[{ stream: { type: kinesis } }]', /the host knows dynamodb streams only/],
    [
      '[{ stream: { type: dynamodb, startingPosition: TRIM_HORIZON, maximumRetryAttempts: 1, batchWindow: 5 } }]',
      /does not know the option 'batchWindow'/,
    ],
    ['[{ stream: { type: dynamodb, startingPosition: LATEST } }]', /begins at TRIM_HORIZON only/],
  ])('refuses %s', (events, problem) => {
    expect(() => parseServiceDefinition(withEvents(events))).toThrow(problem);
  });
});

describe('resolve', () => {
  const names = {
    params: { color: 'blue' },
    refs: { Things: 'example-things' },
    attributes: { 'Api.Endpoint': 'ws://here' },
    stage: 'local',
  };

  test.each([
    ['plain', 'plain'],
    [12, '12'],
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: Serverless and CloudFormation write it so.
    ['${param:color} on ${sls:stage}', 'blue on local'],
    [{ 'Fn::Sub': '${Api.Endpoint}/${sls:stage}/${Things}' }, 'ws://here/local/example-things'],
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
    [{ Ref: 'Things' }, 'example-things'],
    [{ 'Fn::GetAtt': ['Api', 'Endpoint'] }, 'ws://here'],
  ])('resolves %j', (value, text) => {
    expect(resolve(value, names, 'here')).toBe(text);
  });

  test.each([
    [{ Ref: 'Others' }, "serverless.yml: functions.f.environment.X: the host knows no 'Others'"],
    [
      { 'Fn::Join': ['', []] },
      `serverless.yml: functions.f.environment.X: the host cannot resolve {"Fn::Join":["",[]]}`,
    ],
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: as above
    ['${env:HOME}', 'serverless.yml: functions.f.environment.X: the host cannot resolve ${env:HOME}'],
    [{ 'Fn::Sub': '${Nowhere.Arn}' }, "serverless.yml: functions.f.environment.X: the host knows no 'Nowhere.Arn'"],
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
    [['a'], 'serverless.yml: functions.f.environment.X: the host cannot resolve ["a"]'],
  ])('refuses %j', (value, problem) => {
    expect(() => resolve(value, names, 'functions.f.environment.X')).toThrow(problem);
  });
});

describe('serverless.yml of this project', () => {
  const definition = readServiceDefinition('serverless.yml');

  test('declares the table as src/records/table.ts defines it', () => {
    const { TableName, StreamSpecification, ...expected } = recordsTableDefinition('any');
    expect(definition.tables.get('RecordsTable')).toMatchObject({
      ...expected,
      StreamSpecification: { StreamViewType: StreamSpecification.StreamViewType },
      TimeToLiveSpecification: { AttributeName: TIME_TO_LIVE_ATTRIBUTE, Enabled: true },
    });
  });

  test('connects every kind of event', () => {
    expect(definition.functions.map(({ name }) => name).sort()).toEqual([...FUNCTION_NAMES].sort());
    expect(definition.functions.flatMap((described) => described.websocketRoutes)).toHaveLength(3);
    expect(definition.functions.flatMap((described) => described.streams)).toHaveLength(2);
    expect(definition.functions.flatMap((described) => described.scheduleMinutes)).toEqual([1]);
  });
});
