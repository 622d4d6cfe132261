import type { Entity } from '@backstage/catalog-model';

/** Names the DynamoDB table that a catalog entity stands for, by its ARN. */
export const OUTPORT_TABLE_ARN_ANNOTATION = 'outport.dev/table-arn';

/** The ARN of the table that an entity stands for; undefined when it stands for none. */
export function tableArnOf(entity: Entity): string | undefined {
  return entity.metadata.annotations?.[OUTPORT_TABLE_ARN_ANNOTATION]?.trim() || undefined;
}
