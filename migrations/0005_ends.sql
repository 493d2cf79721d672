DROP INDEX "trial_spec";--> statement-breakpoint
ALTER TABLE "campaign" ADD COLUMN "kept" jsonb;--> statement-breakpoint
ALTER TABLE "campaign" ADD COLUMN "earlier" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "campaign" ADD COLUMN "ends" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "campaign" ADD COLUMN "ended_because" text;--> statement-breakpoint
ALTER TABLE "campaign" ADD COLUMN "report_due" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "campaign" ADD COLUMN "wrap_up" text;--> statement-breakpoint
ALTER TABLE "campaign" ADD COLUMN "openings" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "campaign" ADD COLUMN "testing" integer;--> statement-breakpoint
CREATE UNIQUE INDEX "trial_spec" ON "trial" USING btree ("campaign_id","spec_hash") WHERE "trial"."state" <> 'withdrawn';--> statement-breakpoint
UPDATE "campaign" SET "ends" = 1 WHERE "state" in ('finished', 'stopped', 'failed');--> statement-breakpoint
UPDATE "campaign" c SET "openings" = 1, "testing" = n."number"
  FROM "job" j JOIN "trial" t ON t."id" = j."trial_id" JOIN "node" n ON n."id" = t."node_id"
  WHERE j."campaign_id" = c."id" AND j."kind" = 'test' AND n."parent_id" IS NOT NULL;
