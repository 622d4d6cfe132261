/** S3 names owners by a canonical id of 64 characters; here it is the account's own id, filled up. */
export const ownerOf = (accountId: string) => ({ ID: accountId.padStart(64, '0') });
