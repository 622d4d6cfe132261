import type { HttpAuthService, PermissionsService } from '@backstage/backend-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { AuthorizeResult, type ResourcePermission } from '@backstage/plugin-permission-common';
import { OUTPORT_TABLE_ARN_ANNOTATION, tableArnOf } from '@outport/backstage-plugin-outport-common';
import type { Request } from 'express';
import type { Caller } from './outportClients';

/** A request about a table, by somebody who may make it. */
export interface TableRequest {
  readonly tableArn: string;
  readonly caller: Caller;
}

interface Services {
  readonly catalog: CatalogService;
  readonly httpAuth: HttpAuthService;
  readonly permissions: PermissionsService;
}

/**
 * Finds the table that a request is about by the catalog entity in its path, so that nobody reaches tables that the catalog
 * does not name or does not show them, and asks Backstage's permission policy.
 * @throws AuthenticationError, NotFoundError, NotAllowedError
 */
export async function authorizeTable(
  { catalog, httpAuth, permissions }: Services,
  request: Request<{ kind: string; namespace: string; name: string }>,
  permission: ResourcePermission<'catalog-entity'>,
): Promise<TableRequest> {
  const caller = await httpAuth.credentials(request, { allow: ['user', 'service'] });
  const { kind, namespace, name } = request.params;
  const entityRef = stringifyEntityRef({ kind, namespace, name });
  const entity = await catalog.getEntityByRef(entityRef, { credentials: caller });
  const tableArn = entity && tableArnOf(entity);
  if (!tableArn) {
    const wanted = `names a table by the annotation ${OUTPORT_TABLE_ARN_ANNOTATION}`;
    throw new NotFoundError(`There is no entity "${entityRef}" that you may see and that ${wanted}.`);
  }
  const [decision] = await permissions.authorize([{ permission, resourceRef: entityRef }], { credentials: caller });
  if (decision?.result !== AuthorizeResult.ALLOW) {
    throw new NotAllowedError(`You lack the permission ${permission.name} for "${entityRef}" in Backstage.`);
  }
  return { tableArn, caller };
}
