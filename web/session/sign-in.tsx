import { Alert, Button, Center, Code, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Logo } from '../app/icons.tsx';
import { type SignedOut, signIn } from './session.ts';

const NOTICES: Readonly<Record<SignedOut, string | null>> = {
  NOT_YET: null,
  BY_CHOICE: 'You are signed out.',
  REFUSED: 'Your token has expired, or this Outport does not take it. Sign in with a new one.',
};

/** Three parts in base64url, as every signed JWT has. */
const LOOKS_LIKE_JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Asks for a token of the organisation's issuer. */
export function SignIn({ why }: { readonly why: SignedOut }) {
  const [pasted, setPasted] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const notice = NOTICES[why];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const token = pasted.trim().replace(/^Bearer\s+/i, '');
    if (LOOKS_LIKE_JWT.test(token)) signIn(token);
    else setProblem('A token has three parts with dots between them. Paste all of it.');
  };

  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper withBorder shadow="sm" p="xl" w="100%" maw={440}>
        <form onSubmit={submit}>
          <Stack>
            <Logo size={40} />
            <div>
              <Title order={1} size="h2">
                Sign in to Outport
              </Title>
              <Text c="dimmed" size="sm" mt={4}>
                Export DynamoDB tables to S3, within what your organisation permits.
              </Text>
            </div>
            {notice && (
              <Alert color={why === 'REFUSED' ? 'orange' : 'gray'} role="status">
                {notice}
              </Alert>
            )}
            <PasswordInput
              label="Token"
              description="A JWT of your organisation's OpenID Connect issuer. It stays in this tab."
              placeholder="eyJ…"
              value={pasted}
              onChange={(event) => {
                setPasted(event.currentTarget.value);
                setProblem(null);
              }}
              error={problem}
              autoComplete="off"
              spellCheck={false}
              data-autofocus
              required
            />
            <Button type="submit">Sign in</Button>
            <Text c="dimmed" size="xs">
              On one machine, <Code>npm start</Code> prints a link that signs you in.
            </Text>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
