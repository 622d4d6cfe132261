import type { Entity } from '@backstage/catalog-model';
import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import { catalogApiMock, createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { OUTPORT_TABLE_ARN_ANNOTATION } from '@outport/backstage-plugin-outport-common';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { exportOf, fakeBackend } from '../../../test/fakeBackend';
import outportPlugin from './index';

const orders: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Resource',
  metadata: {
    name: 'orders',
    namespace: 'default',
    annotations: { [OUTPORT_TABLE_ARN_ANNOTATION]: 'arn:aws:dynamodb:eu-central-1:111122223333:table/orders' },
  },
};

type Decision = AuthorizeResult.ALLOW | AuthorizeResult.DENY;

/** Shows the page of an entity, with this backend behind it. */
function showEntity(
  backend: ReturnType<typeof fakeBackend>,
  entity = orders,
  authorize: Decision = AuthorizeResult.ALLOW,
) {
  const { unmount } = renderTestApp({
    features: [outportPlugin],
    extensions: [createTestEntityPage({ entity })],
    apis: [...backend.apis, mockApis.permission({ authorize })],
  });
  return { user: userEvent.setup(), leave: unmount };
}

/** Opens the form for an export. */
async function openForm(user: ReturnType<typeof userEvent.setup>) {
  await user.click(await screen.findByRole('button', { name: 'Export table' }));
  return within(await screen.findByRole('dialog', { name: 'Export resource:default/orders' }));
}

describe('the tab of an entity', () => {
  it('shows the exports of its table as they become, until it is left', async () => {
    const backend = fakeBackend([exportOf()]);
    showEntity(backend);
    await screen.findByText('IN_PROGRESS');
    screen.getByText('s3://lake/orders');

    backend.tell(exportOf({ version: 3, progress: { estimatedPercent: 40, filesWritten: 2, bytesWritten: 10 } }));
    await screen.findByText('IN_PROGRESS, about 40 %');
    backend.tell(exportOf({ version: 5, status: 'COMPLETED', itemCount: 138398 }));
    await screen.findByText('COMPLETED');
    screen.getByText((138398).toLocaleString());

    backend.tell(exportOf({ version: 4 }));
    backend.tell(exportOf({ id: 'exp_2', status: 'QUEUED', queuePosition: 7 }));
    await screen.findByText('QUEUED, place 7');
    screen.getByText('COMPLETED');
  });

  it('says why an export has failed', async () => {
    const failure = { code: 'S3_ACCESS_DENIED' as const, message: 'Access Denied by the bucket', remedy: 'Let it in.' };
    showEntity(fakeBackend([exportOf({ status: 'FAILED', failure })]));
    await screen.findByText('FAILED');
    screen.getByText('Access Denied by the bucket');
  });

  it('says that there are no exports yet', async () => {
    showEntity(fakeBackend());
    await screen.findByText('This table has not been exported yet.');
  });

  it('says why exports cannot be shown', async () => {
    const backend = fakeBackend();
    const error = { name: 'ServiceUnavailableError', message: 'Outport does not answer' };
    backend.answer('GET exports', { status: 503, body: { error, response: { statusCode: 503 } } });
    showEntity(backend);
    await screen.findByText('Outport does not answer');
  });

  it('offers no export to who may not start one', async () => {
    // Decisions are cached by entity.
    const invoices = { ...orders, metadata: { ...orders.metadata, name: 'invoices' } };
    showEntity(fakeBackend([exportOf()]), invoices, AuthorizeResult.DENY);
    await screen.findByText('IN_PROGRESS');
    expect(screen.queryByRole('button', { name: 'Export table' })).toBeNull();
  });

  it('follows nothing any more when it is left', async () => {
    const backend = fakeBackend([exportOf()]);
    const { leave } = showEntity(backend);
    await screen.findByText('IN_PROGRESS');
    expect(backend.followers()).toBe(1);
    leave();
    await waitFor(() => expect(backend.followers()).toBe(0));
  });
});

describe('the form for an export', () => {
  it('starts an export and shows it', async () => {
    const backend = fakeBackend();
    backend.answer('POST exports', { body: exportOf() });
    const { user } = showEntity(backend);
    const form = await openForm(user);
    await user.type(form.getByLabelText(/^Bucket/), 'lake');
    await user.type(form.getByLabelText(/^Prefix/), 'orders');
    await user.click(form.getByRole('button', { name: 'Start' }));

    await screen.findByText('IN_PROGRESS');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(backend.posted).toEqual([
      {
        path: 'resource/default/orders exports',
        body: {
          clientToken: expect.any(String),
          destination: { bucket: 'lake', prefix: 'orders' },
          exportFormat: 'DYNAMODB_JSON',
        },
      },
    ]);
  });

  it('asks for the moment and the format that were chosen', async () => {
    const backend = fakeBackend();
    backend.answer('POST exports', { body: exportOf() });
    const { user } = showEntity(backend);
    const form = await openForm(user);
    await user.type(form.getByLabelText(/^Bucket/), 'lake');
    const digits = { month: '11', day: '20', year: '2025', hour: '08', minute: '30', second: '05' };
    for (const [part, typed] of Object.entries(digits)) {
      await user.click(form.getByRole('spinbutton', { name: new RegExp(`^${part}`) }));
      await user.keyboard(typed);
    }
    await user.click(form.getByRole('button', { name: /Format/ }));
    await user.click(await screen.findByRole('option', { name: 'Amazon Ion' }));
    await user.click(form.getByRole('button', { name: 'Start' }));

    await waitFor(() => expect(backend.posted).toHaveLength(1));
    expect(backend.posted[0]?.body).toMatchObject({ exportTime: '2025-11-20T08:30:05.000Z', exportFormat: 'ION' });
  });

  it('shows what stands against an export, with the remedy, and starts none', async () => {
    const check = {
      code: 'BUCKET',
      field: null,
      errorCode: 'S3_NO_SUCH_BUCKET',
      message: 'There is no bucket "lake".',
    };
    const checks = [
      { ...check, status: 'FAILED', remedy: 'Create the bucket.' },
      { ...check, code: 'TABLE', status: 'PASSED', message: 'The table is ACTIVE.', remedy: null },
    ];
    const backend = fakeBackend();
    backend.answer('POST preflight', { body: { ready: false, checks, estimates: null } });
    const { user } = showEntity(backend);
    const form = await openForm(user);
    await user.type(form.getByLabelText(/^Bucket/), 'lake');
    await user.click(form.getByRole('button', { name: 'Check first' }));

    await form.findByText('Create the bucket.');
    expect(form.queryByText('The table is ACTIVE.')).toBeNull();

    const estimates = { cost: { amount: 0.1, currency: 'USD', note: 'For 1 GB.' } };
    backend.answer('POST preflight', { body: { ready: true, checks: [], estimates } });
    await user.click(form.getByRole('button', { name: 'Check first' }));
    await form.findByText('About 0.1 USD. For 1 GB.');
    expect(backend.posted.map(({ path }) => path)).toEqual(Array(2).fill('resource/default/orders preflight'));
  });

  it('says why an export was refused, and can be sent again', async () => {
    const backend = fakeBackend();
    const error = { name: 'NotAllowedError', message: 'You may not. Ask the owners.' };
    backend.answer('POST exports', { status: 403, body: { error, response: { statusCode: 403 } } });
    const { user } = showEntity(backend);
    const form = await openForm(user);
    await user.type(form.getByLabelText(/^Bucket/), 'lake');
    await user.click(form.getByRole('button', { name: 'Start' }));
    await form.findByText('You may not. Ask the owners.');

    backend.answer('POST exports', { body: exportOf() });
    await user.click(form.getByRole('button', { name: 'Start' }));
    await screen.findByText('IN_PROGRESS');
    const tokens = backend.posted.map(({ body }) => (body as { clientToken: string }).clientToken);
    expect(new Set(tokens).size).toBe(1);
  });
});

describe('the page', () => {
  const showPage = (backend: ReturnType<typeof fakeBackend>, entities: Entity[], route = '/outport') => {
    renderTestApp({
      features: [outportPlugin],
      initialRouteEntries: [route],
      apis: [...backend.apis, catalogApiMock({ entities }), mockApis.permission()],
    });
    return userEvent.setup();
  };

  it('offers the tables of the catalog, and shows the exports of the one that is chosen', async () => {
    const website: Entity = { ...orders, metadata: { name: 'website' } };
    const user = showPage(fakeBackend([exportOf()]), [orders, website]);
    await user.click(await screen.findByRole('button', { name: /Choose a table/ }));
    expect(await screen.findAllByRole('option')).toHaveLength(1);
    await user.click(screen.getByRole('option', { name: /^orders/ }));
    await screen.findByText('IN_PROGRESS');
  });

  it('shows the exports of the table in its address', async () => {
    showPage(fakeBackend([exportOf()]), [orders], '/outport?entity=resource:default/orders');
    await screen.findByText('IN_PROGRESS');
  });

  it('says how to name a table when the catalog names none', async () => {
    showPage(fakeBackend(), []);
    await screen.findByText(/Annotate an entity with outport\.dev\/table-arn/);
  });
});
