ALTER TABLE "job" ADD COLUMN "pulse" jsonb;--> statement-breakpoint
ALTER TABLE "job" ADD COLUMN "stop" jsonb;