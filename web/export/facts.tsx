import { Anchor, DataList, Group, Paper, Title, useMatches } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { ExportFieldsFragment } from '../../src/client/index.ts';
import { Copy } from '../ui/copyable.tsx';
import { FORMATS, momentOf, placeOf } from '../ui/export-words.ts';
import { bytes, count, duration, words } from '../ui/format.ts';
import { StatusBadge } from '../ui/status-badge.tsx';
import { Time } from '../ui/time.tsx';

/** What was asked for, and what came of it. */
export function Facts({ shown }: { readonly shown: ExportFieldsFragment }) {
  const { destination, requestedBy, retryOf, verification, filter } = shown;
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="facts">
      <Title order={2} id="facts" mb="md">
        {shown.status === 'COMPLETED' ? 'Result' : 'Request'}
      </Title>
      <DataList gap={8} labelWidth={useMatches({ base: 92, sm: 128 })}>
        <Fact label="Table">
          <Pasteable text={shown.tableArn} what="the ARN of the table" />
        </Fact>
        <Fact label="What">{momentOf(shown)}</Fact>
        <Fact label="Where to">
          <Pasteable text={placeOf(destination)} what="the address" />
        </Fact>
        <Fact label="Format">{FORMATS[shown.exportFormat]}</Fact>
        {filter && <Fact label="Filter">{filterInWords(filter)}</Fact>}
        <Fact label="Encryption">
          {destination.encryption.algorithm === 'KMS'
            ? `KMS, ${destination.encryption.kmsKeyId ?? 'the AWS managed key'}`
            : 'AES256, keys that S3 manages'}
        </Fact>
        <Fact label="Asked for by">
          {requestedBy
            ? `${requestedBy.name ?? requestedBy.subject} (${requestedBy.teams.join(', ') || 'no team'})`
            : 'Started elsewhere'}
        </Fact>
        {retryOf && (
          <Fact label="Again for">
            <Anchor component={Link} to={`/exports/${retryOf.id}`} size="sm" className="unbroken">
              {retryOf.id}
            </Anchor>
          </Fact>
        )}
        {shown.itemCount !== null && <Fact label="Items">{count(shown.itemCount)}</Fact>}
        {shown.billedSizeBytes !== null && <Fact label="Billed">{bytes(shown.billedSizeBytes)}</Fact>}
        {shown.startTime && shown.endTime && (
          <Fact label="Took">{duration((Date.parse(shown.endTime) - Date.parse(shown.startTime)) / 1000)}</Fact>
        )}
        {shown.deadlineAt && (
          <Fact label="Ends by">
            <Time at={shown.deadlineAt} />
          </Fact>
        )}
        {shown.exportManifest && (
          <Fact label="Manifest">
            <Pasteable text={shown.exportManifest} what="the key of the manifest" />
          </Fact>
        )}
        {verification && <Fact label="Verification">{verificationInWords(verification)}</Fact>}
        {shown.status === 'CANCELED' && (
          <Fact label="Ended">
            <StatusBadge status={shown.status} />
          </Fact>
        )}
      </DataList>
    </Paper>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <DataList.Item>
      <DataList.ItemLabel>{label}</DataList.ItemLabel>
      <DataList.ItemValue className="unbroken">{children}</DataList.ItemValue>
    </DataList.Item>
  );
}

function Pasteable({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <Group gap={4} wrap="nowrap" align="flex-start">
      <span className="unbroken">{text}</span>
      <Copy text={text} what={what} />
    </Group>
  );
}

const filterInWords = (filter: NonNullable<ExportFieldsFragment['filter']>): string =>
  [filter.keyConditionExpression, filter.filterExpression, filter.projectionExpression].filter(Boolean).join('; ');

function verificationInWords(verification: NonNullable<ExportFieldsFragment['verification']>): string {
  const { status, deep, filesChecked, bytesChecked, itemsCounted } = verification;
  const looked = `${count(filesChecked)} files, ${bytes(bytesChecked)}${itemsCounted === null ? '' : `, ${count(itemsCounted)} lines`}`;
  return `${words(status)}: ${looked}, ${deep ? 'read line by line' : 'compared with the manifests'}`;
}
