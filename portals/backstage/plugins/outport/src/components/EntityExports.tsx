import { stringifyEntityRef } from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import { TableExports } from './TableExports';

/** The exports of the table that the entity of the page stands for. */
export function EntityExports() {
  return <TableExports entityRef={stringifyEntityRef(useEntity().entity)} />;
}
