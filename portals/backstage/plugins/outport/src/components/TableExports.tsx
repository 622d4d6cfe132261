import { usePermission } from '@backstage/plugin-permission-react';
import { Alert, CellText, type ColumnConfig, Flex, Table, Text } from '@backstage/ui';
import { type Export, outportExportCreatePermission } from '@outport/backstage-plugin-outport-common';
import { useExports } from '../hooks/useExports';
import { StartExport } from './StartExport';

/** The exports of the table that an entity stands for, live, and where permitted the way to another one. */
export function TableExports({ entityRef }: { entityRef: string }) {
  const { exports, error, tell } = useExports(entityRef);
  const { allowed } = usePermission({ permission: outportExportCreatePermission, resourceRef: entityRef });

  return (
    <Flex direction="column" gap="4">
      <Flex justify="between" align="center">
        <Text as="h2" variant="title-small">
          Exports to S3
        </Text>
        {allowed && <StartExport entityRef={entityRef} onStarted={tell} />}
      </Flex>
      {error && <Alert status="danger" icon title="Exports cannot be shown." description={error.message} />}
      {(exports || !error) && (
        <Table
          columnConfig={COLUMNS}
          data={exports && [...exports]}
          isPending={!exports}
          pagination={{ type: 'none' }}
          emptyState={<Text>This table has not been exported yet.</Text>}
        />
      )}
    </Flex>
  );
}

const COLUMNS: ColumnConfig<Export>[] = [
  {
    id: 'status',
    label: 'Status',
    isRowHeader: true,
    cell: (each) => <CellText title={standing(each)} description={each.failure?.message} />,
  },
  {
    id: 'exported',
    label: 'What',
    cell: ({ exportType, exportFormat, exportTime, incrementalExport: window }) => (
      <CellText
        title={window ? `${timeOf(window.exportFromTime)} to ${timeOf(window.exportToTime)}` : timeOf(exportTime)}
        description={`${exportType}, ${exportFormat}`}
      />
    ),
  },
  {
    id: 'destination',
    label: 'Destination',
    cell: ({ destination: { bucket, prefix }, exportManifest }) => (
      <CellText title={`s3://${bucket}/${prefix ?? ''}`} description={exportManifest ?? undefined} />
    ),
  },
  { id: 'items', label: 'Items', cell: ({ itemCount }) => <CellText title={itemCount?.toLocaleString() ?? ''} /> },
  { id: 'asked', label: 'Asked for', cell: ({ createdAt }) => <CellText title={timeOf(createdAt)} /> },
];

/** The status, with what is known of how far it has come. */
function standing({ status, progress, queuePosition }: Export): string {
  if (status === 'QUEUED' && queuePosition !== null) return `${status}, place ${queuePosition}`;
  const percent = progress?.estimatedPercent;
  return status === 'IN_PROGRESS' && percent != null ? `${status}, about ${percent} %` : status;
}

const timeOf = (time: string | null): string => (time ? new Date(time).toLocaleString() : 'when it was started');
