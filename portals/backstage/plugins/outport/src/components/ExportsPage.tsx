import { CATALOG_FILTER_EXISTS } from '@backstage/catalog-client';
import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { Alert, Container, Flex, Select } from '@backstage/ui';
import { OUTPORT_TABLE_ARN_ANNOTATION, tableArnOf } from '@outport/backstage-plugin-outport-common';
import { useSearchParams } from 'react-router-dom';
import useAsync from 'react-use/esm/useAsync';
import { TableExports } from './TableExports';

/** Every table in the catalog to choose from, and the exports of the one that is chosen, which the URL keeps. */
export function ExportsPage() {
  const catalog = useApi(catalogApiRef);
  const [search, setSearch] = useSearchParams();
  const { value: tables, error } = useAsync(async () => {
    const filter = { [`metadata.annotations.${OUTPORT_TABLE_ARN_ANNOTATION}`]: CATALOG_FILTER_EXISTS };
    return (await catalog.getEntities({ filter, fields: ['kind', 'metadata'] })).items;
  }, [catalog]);
  const entityRef = search.get('entity');

  return (
    <Container>
      <Flex direction="column" gap="4">
        {error && <Alert status="danger" icon title="The catalog cannot be read." description={error.message} />}
        {tables?.length === 0 && (
          <Alert
            status="info"
            icon
            title="The catalog names no table yet."
            description={`Annotate an entity with ${OUTPORT_TABLE_ARN_ANNOTATION}: the ARN of its table.`}
          />
        )}
        {tables && tables.length > 0 && (
          <Select
            label="Table"
            placeholder="Choose a table"
            search={{ placeholder: 'Search tables' }}
            options={tables.map(optionOf)}
            value={entityRef}
            onChange={(chosen) => setSearch({ entity: String(chosen) })}
          />
        )}
        {entityRef && <TableExports entityRef={entityRef} />}
      </Flex>
    </Container>
  );
}

const optionOf = (entity: Entity) => ({
  value: stringifyEntityRef(entity),
  label: `${entity.metadata.title ?? entity.metadata.name} (${tableArnOf(entity)})`,
});
