import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { type PackagedService, packageService } from './support/packaged-service.ts';

const directory = temporaryDirectory();
let service: PackagedService;
let alarms: ReturnType<PackagedService['ofType']>;

beforeAll(async () => {
  service = await packageService(directory.path, 'prod');
  alarms = service.ofType('AWS::CloudWatch::Alarm');
});

const handbook = readFileSync('docs/operations.md', 'utf8');
const metricsSource = readFileSync('src/lambda/metrics.ts', 'utf8');

test('every alarm has a runbook, and every runbook an alarm', () => {
  const headings = [...handbook.matchAll(/^### (\w+Alarm)$/gm)].map(([, name]) => name);

  expect(headings.sort()).toEqual(alarms.map(([name]) => name).sort());
});

test('every alarm wakes somebody, and says what missing numbers mean', () => {
  for (const [, { Properties }] of alarms) {
    expect(Properties.AlarmActions).toEqual([{ Ref: 'AlarmTopic' }]);
    expect(['breaching', 'notBreaching']).toContain(Properties.TreatMissingData);
  }
});

test('alarms and the dashboard are of numbers that are told', () => {
  const told = new Set([...metricsSource.matchAll(/^ {2}(\w+): '(?:Count|Seconds)',$/gm)].map(([, name]) => name));
  const filtered = service.ofType('AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties);
  for (const { MetricTransformations } of filtered) told.add(MetricTransformations[0].MetricName);
  const [[, dashboard] = []] = service.ofType('AWS::CloudWatch::Dashboard');
  const { widgets } = JSON.parse(dashboard?.Properties.DashboardBody['Fn::Sub']);
  const shown: string[][] = widgets.flatMap(
    (widget: { properties: { metrics: string[][] } }) => widget.properties.metrics,
  );
  const ours = [
    ...shown.filter(([namespace]) => namespace === 'Outport/prod').map(([, name]) => name),
    ...alarms
      .filter(([, { Properties }]) => Properties.Namespace === 'Outport/prod')
      .map(([, { Properties }]) => Properties.MetricName),
  ];

  expect(ours.length).toBeGreaterThan(10);
  expect(ours.filter((name) => !told.has(name))).toEqual([]);
  for (const name of told) expect(handbook).toContain(`\`${name}\``);
});

test('only tables that the host knows are deployed', () => {
  expect(service.ofType('AWS::DynamoDB::Table').map(([name]) => name)).toEqual(['RecordsTable']);
});
