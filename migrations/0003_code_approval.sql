ALTER TABLE "approval" ADD COLUMN "kind" text DEFAULT 'money' NOT NULL;--> statement-breakpoint
ALTER TABLE "node" ADD COLUMN "proposal" jsonb;