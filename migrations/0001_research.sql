CREATE TABLE "research" (
	"campaign_id" text PRIMARY KEY NOT NULL,
	"findings" jsonb NOT NULL,
	"done_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "research" ADD CONSTRAINT "research_campaign_id_campaign_id_fk" FOREIGN KEY ("campaign_id") REFERENCES "public"."campaign"("id") ON DELETE cascade ON UPDATE no action;