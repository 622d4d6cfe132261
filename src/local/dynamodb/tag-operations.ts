import { parseRequest } from './dynalite.ts';
import { accessDenied, resourceNotFound, validationError } from './errors.ts';
import type { Requester, ServiceContext } from './service-context.ts';
import type { Table } from './table.ts';
import { parseArn, tableNameIn } from './table-arn.ts';
import { type Tag, tagList } from './table-requests.ts';

/** AWS's limit of tags on one resource. */
const TAGS_MAX = 50;

const resourceArn: Dynalite.MemberRules = {
  type: 'String',
  notNull: true,
  lengthGreaterThanOrEqual: 1,
  lengthLessThanOrEqual: 1283,
};

const tagRules = { types: { ResourceArn: resourceArn, Tags: { ...tagList, notNull: true } } };
const untagRules = {
  types: { ResourceArn: resourceArn, TagKeys: { type: 'List', notNull: true, children: 'String' } },
};
const listRules = { types: { ResourceArn: resourceArn, NextToken: { type: 'String' } } };

export async function tagResource({ commits, tables }: ServiceContext, requester: Requester, data: object) {
  const { ResourceArn, Tags } = parseRequest<{ ResourceArn: string; Tags: Tag[] }>({ ...data }, tagRules);
  if (Tags.length === 0) throw validationError('Atleast one Tag needs to be provided as Input.');
  await commits.commit((commit) => {
    const table = taggedTable(tables, requester, ResourceArn);
    const tags = { ...table.record.tags, ...Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])) };
    if (Object.keys(tags).length > TAGS_MAX) {
      throw validationError(`The number of tags of a resource cannot exceed ${TAGS_MAX}.`);
    }
    table.update(commit, { tags });
  });
  return {};
}

export async function untagResource({ commits, tables }: ServiceContext, requester: Requester, data: object) {
  const { ResourceArn, TagKeys } = parseRequest<{ ResourceArn: string; TagKeys: string[] }>({ ...data }, untagRules);
  if (TagKeys.length === 0) throw validationError('Atleast one Tag Key needs to be provided as Input.');
  await commits.commit((commit) => {
    const table = taggedTable(tables, requester, ResourceArn);
    const kept = Object.entries(table.record.tags).filter(([key]) => !TagKeys.includes(key));
    table.update(commit, { tags: Object.fromEntries(kept) });
  });
  return {};
}

/** All tags fit on one page: there are fifty at most. */
export async function listTagsOfResource({ tables }: ServiceContext, requester: Requester, data: object) {
  const { ResourceArn } = parseRequest<{ ResourceArn: string }>({ ...data }, listRules);
  const { tags } = taggedTable(tables, requester, ResourceArn).record;
  return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}

function taggedTable(tables: ServiceContext['tables'], requester: Requester, resource: string): Table {
  const arn = parseArn(resource);
  const name = arn && tableNameIn(arn.resource);
  if (!arn || !name || arn.service !== 'dynamodb') {
    throw validationError(`Invalid TableArn: Invalid ResourceArn provided as input ${resource}`);
  }
  if (arn.accountId !== requester.accountId) throw accessDenied();
  const table = arn.region === requester.region ? tables.find(requester, name) : undefined;
  if (!table) throw resourceNotFound(`Requested resource not found: ResourcArn: ${resource} not found`);
  return table;
}
