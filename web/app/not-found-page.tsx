import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { Page } from '../ui/page.tsx';
import { Nothing } from '../ui/states.tsx';
import { QuestionIcon } from './icons.tsx';

export function NotFoundPage() {
  return (
    <Page title="There is no such page">
      <Nothing
        icon={<QuestionIcon size={28} />}
        title="This address leads nowhere"
        action={
          <Button component={Link} to="/tables">
            See the tables
          </Button>
        }
      >
        Perhaps it was cut off when it was copied.
      </Nothing>
    </Page>
  );
}
