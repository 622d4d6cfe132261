import { Paper, Tabs } from '@mantine/core';
import type { ExportFieldsFragment } from '../../src/client/index.ts';
import { NotPermitted } from '../ui/states.tsx';
import { useUrlState } from '../ui/url-state.ts';
import { Files } from './files.tsx';
import { Preview } from './preview.tsx';
import { Snippets } from './snippets.tsx';

interface ExportDataProps {
  readonly shown: ExportFieldsFragment;
  readonly canRead: boolean;
}

/** What lies in the bucket, for whoever may read it. */
export function ExportData({ shown: { id, tableArn }, canRead }: ExportDataProps) {
  const [{ show }, setUrl] = useUrlState(['show', 'after']);
  if (!canRead) {
    return (
      <NotPermitted>The files are there, but the policies do not permit you to read what is in them.</NotPermitted>
    );
  }
  return (
    <Paper withBorder p="md">
      <Tabs
        value={show || 'files'}
        onChange={(tab) => setUrl({ show: tab ?? '', after: '' }, { replace: true })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="files">Files</Tabs.Tab>
          <Tabs.Tab value="inside">Look inside</Tabs.Tab>
          <Tabs.Tab value="use">Use it with…</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="files">
          <Files id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="inside">
          <Preview id={id} tableArn={tableArn} />
        </Tabs.Panel>
        <Tabs.Panel value="use">
          <Snippets id={id} />
        </Tabs.Panel>
      </Tabs>
    </Paper>
  );
}
