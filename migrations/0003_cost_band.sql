ALTER TABLE "calibration" ADD COLUMN "squared_error" double precision;--> statement-breakpoint
ALTER TABLE "trial" ADD COLUMN "predicted_seconds" double precision;