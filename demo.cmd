@echo off
rem The main job, end to end (see README.md). On Windows the stack is NuGet: the packages bring their native libraries along.
cd /d "%~dp0"
dotnet run --project Samples\Quickstart -- %*
