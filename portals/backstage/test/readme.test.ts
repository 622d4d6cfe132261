import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigReader } from '@backstage/config';
import outportBackend from '@outport/backstage-plugin-outport-backend';
import { tableArnOf } from '@outport/backstage-plugin-outport-common';
import scaffolderModule from '@outport/backstage-plugin-scaffolder-backend-module-outport';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readOutportConfig } from '../plugins/outport-backend/src/outportConfig';
import { exportTableInput } from '../plugins/scaffolder-backend-module-outport/src/exportTable';

const README = readFileSync('README.md', 'utf8');
const blocks = (language: string) =>
  [...README.matchAll(/```(\w+)\n(.*?)```/gs)].flatMap(([, name, text]) => (name === language ? [text ?? ''] : []));
const yamls = () => blocks('yaml').map((text) => parse(text));

it('the configurations are taken', () => {
  const [deployed, local] = yamls().filter((each) => 'outport' in each);
  expect(readOutportConfig(new ConfigReader(deployed)).auth).toHaveProperty('clientCredentials.audience', 'outport');
  expect(readOutportConfig(new ConfigReader(local)).auth).toHaveProperty('token');
});

it('the entity stands for a table', () => {
  const entity = yamls().find(({ kind }) => kind === 'Resource');
  expect(tableArnOf(entity)).toMatch(/:table\/orders$/);
});

it('the template gives the action what it takes, and shows what it puts out', () => {
  const { spec } = yamls().find(({ kind }) => kind === 'Template');
  const [step] = spec.steps;
  expect(step.action).toBe('outport:exportTable');
  expect(exportTableInput.strict().parse(step.input)).toEqual(step.input);
  expect(spec.output.text[0].content).toMatch(/output\.itemCount.*output\.exportManifest/);
});

it('the packages that a backend adds are features of a backend', () => {
  const added = [...(blocks('ts')[0] ?? '').matchAll(/import\('([^']+)'\)/g)].map(([, name]) => name);
  expect(added).toEqual([
    '@outport/backstage-plugin-outport-backend',
    '@outport/backstage-plugin-scaffolder-backend-module-outport',
  ]);
  for (const feature of [outportBackend, scaffolderModule]) expect(feature.$$type).toBe('@backstage/BackendFeature');
});

it("the policy fits Outport's schema of policies", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'outport-policies-'));
  copyFileSync('../../policies/outport.cedarschema', path.join(folder, 'outport.cedarschema'));
  writeFileSync(path.join(folder, 'backstage.cedar'), blocks('cedar').join('\n'));
  const { validatePolicies } = await import(path.resolve('../../build/cli/policies.mjs'));
  expect(() => validatePolicies(folder)).not.toThrow();
  rmSync(folder, { recursive: true });
});
