import { changePlan } from '#core/organizations'
import { getWorkspace, updateWorkspace } from '#core/workspaces'
import { MyPlace, MyPlan, PlanChoice, ShownWorkspace, showMe, showPlan, showWorkspace, WorkspaceEdit } from './me.wire.ts'
import { type App, about, answers } from './routes.ts'

const TAG = 'Account'

export function meRoutes(app: App): void {
  app.get(
    '/me',
    { schema: { ...about(TAG, getWorkspace, 'Get the workspace', 'workspaces.me'), response: answers(200, MyPlace) } },
    async ({ ctx }) => showMe(await getWorkspace(ctx, {}), ctx.actor),
  )
  const settings = { response: answers(200, ShownWorkspace) }
  app.get('/workspace', { schema: { ...about(TAG, getWorkspace, 'Get the settings'), ...settings } }, async ({ ctx }) =>
    showWorkspace(await getWorkspace(ctx, {})),
  )
  app.patch(
    '/workspace',
    { schema: { ...about(TAG, updateWorkspace, 'Change the settings'), ...settings, body: WorkspaceEdit } },
    async ({ ctx, body }) => showWorkspace(await updateWorkspace(ctx, body)),
  )
  app.get(
    '/plan',
    {
      schema: {
        ...about(TAG, getWorkspace, 'Get the plan', 'organization.plan.get'),
        description: 'What the plan allows.\n\nScope: `organization:read`',
        response: answers(200, MyPlan),
      },
    },
    async ({ ctx }) => showPlan((await getWorkspace(ctx, {})).plan),
  )
  app.put(
    '/plan',
    { schema: { ...about(TAG, changePlan, 'Change the plan'), body: PlanChoice, response: answers(200, MyPlan) } },
    async ({ ctx, body }) => showPlan(await changePlan(ctx, body)),
  )
}
