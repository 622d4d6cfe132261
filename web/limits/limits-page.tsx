import { Group, Paper, SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { LimitsDocument, type LimitsQuery } from '../../src/client/index.ts';
import { useOutport } from '../api/outport.tsx';
import { LimitsIcon } from '../app/icons.tsx';
import { AccountPicker, NoPlaces, type Place, usePlaces } from '../tables/account-picker.tsx';
import { bytes, count, words } from '../ui/format.ts';
import { Page } from '../ui/page.tsx';
import { Failed, Loading, NotPermitted } from '../ui/states.tsx';
import { useUrlState } from '../ui/url-state.ts';
import { Gauge, Meter } from './gauge.tsx';

const ASK_EVERY_MS = 10_000;

type Limits = NonNullable<LimitsQuery['limits']>;

/** What is in use of the limits of an account and Region, and of one's own quotas. */
export function LimitsPage() {
  const [url, setUrl] = useUrlState(['account', 'region']);
  const places = usePlaces(url);
  return (
    <Page
      title="Limits"
      description="DynamoDB lets an account run so many exports at once; Outport queues what is more."
    >
      {places.isPending && <Loading />}
      {places.isError && <Failed error={places.error} onRetry={places.refetch} />}
      {places.isSuccess && !places.place && <NoPlaces icon={<LimitsIcon size={26} />} />}
      {places.place && (
        <>
          <Group>
            <AccountPicker places={places.places} place={places.place} onPick={setUrl} />
          </Group>
          <LimitsOf place={places.place} />
        </>
      )}
    </Page>
  );
}

function LimitsOf({ place }: { readonly place: Place }) {
  const outport = useOutport();
  const { data, error, refetch } = useQuery({
    queryKey: ['limits', place],
    queryFn: ({ signal }) => outport.request(LimitsDocument, { ...place }, { signal }),
    refetchInterval: ASK_EVERY_MS,
  });
  if (error) return <Failed error={error} onRetry={refetch} />;
  if (!data) return <Loading />;
  if (!data.limits) {
    return <NotPermitted>You may see neither the limits of this account nor a quota of yours in it.</NotPermitted>;
  }
  return (
    <Stack gap="lg">
      <OfTheAccount limits={data.limits} />
      <Quotas quotas={data.limits.quotas} />
    </Stack>
  );
}

function OfTheAccount({ limits: { exports, bytes: size, queued } }: { readonly limits: Limits }) {
  if (!exports && !size && queued === null) return null;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }}>
      {exports && <Gauge label="Exports in flight" {...exports} written={count} />}
      {size && <Gauge label="Size of their tables" {...size} written={bytes} />}
      {queued !== null && (
        <Paper withBorder p="md">
          <Text size="sm" fw={600} ta="center">
            Waiting in the queue
          </Text>
          <Text fz={34} fw={700} ta="center" mt="lg" className="figures">
            {count(queued)}
          </Text>
        </Paper>
      )}
    </SimpleGrid>
  );
}

function Quotas({ quotas }: { readonly quotas: Limits['quotas'] }) {
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="quotas">
      <Title order={2} id="quotas" mb="sm">
        Yours
      </Title>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Who</Table.Th>
            <Table.Th>Exports in flight</Table.Th>
            <Table.Th>Begun within a day</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {quotas.map(({ scope, name, exports, startsPerDay }) => (
            <Table.Tr key={`${scope} ${name}`}>
              <Table.Td miw={104}>
                <Text size="sm" className="unbroken">
                  {name}
                </Text>
                <Text size="xs" c="dimmed">
                  {words(scope)}
                </Text>
              </Table.Td>
              <Table.Td>
                <Meter label={`Exports of ${name} in flight`} {...exports} />
              </Table.Td>
              <Table.Td>
                {startsPerDay ? (
                  <Meter label={`Exports of ${name} begun within a day`} {...startsPerDay} />
                ) : (
                  <Text size="sm" c="dimmed">
                    Not limited
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}
